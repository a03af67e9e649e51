package bustest

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/tenancy"
)

// Tenant makes a tenant's id that no other test has.
func Tenant() tenancy.ID { return tenancy.ID(uuid.NewString()) }

// Task is a valid task of tenant.
func Task(tenant tenancy.ID) *busv1.Task {
	digest := strings.Repeat("0a", 32)
	return &busv1.Task{
		Id: uuid.NewString(), TenantId: string(tenant),
		Context: &busv1.TaskContext{
			CampaignId: uuid.NewString(), AgentId: uuid.NewString(), PersonaVersion: 1, PlanVersion: 1, Node: "collect", RequestId: "req-" + uuid.NewString(),
		},
		Spec:      &busv1.TaskSpec{Kind: busv1.TaskKind_TASK_KIND_READ, Mode: busv1.TaskMode_TASK_MODE_RUN, Tool: "trends.collect", ToolDigest: digest, ArgumentsJson: []byte(`{}`)},
		Resources: &busv1.TaskResources{Timeout: durationpb.New(time.Minute), MaxAttempts: 3},
		Version:   &busv1.TaskVersion{Epoch: 1, StateVersion: 1, SpecDigest: digest},
	}
}

// Result is a valid result of a task of tenant.
func Result(tenant tenancy.ID) *busv1.Result {
	return &busv1.Result{
		Id: uuid.NewString(), TenantId: string(tenant), TaskId: uuid.NewString(), Epoch: 2, Attempt: 1,
		Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS, OutputJson: []byte(`{}`),
		Confidence: &busv1.Confidence{Score: 1, Basis: "test"}, Usage: &busv1.Usage{Duration: durationpb.New(time.Millisecond)},
		Provenance: &busv1.Provenance{Method: "test"}, WorkerId: "worker-0", FinishedAt: timestamppb.Now(), RequestId: "req-1",
	}
}
