package commit

import (
	"encoding/json"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/store"
)

// kinds, modes and verdicts are spelled once: in Postgres as words, on the bus as enums.
var (
	kindWords = map[busv1.TaskKind]string{busv1.TaskKind_TASK_KIND_READ: "read", busv1.TaskKind_TASK_KIND_DRAFT: "draft", busv1.TaskKind_TASK_KIND_EFFECT: "effect"}
	modeWords = map[busv1.TaskMode]string{busv1.TaskMode_TASK_MODE_RUN: "run", busv1.TaskMode_TASK_MODE_PROPOSE: "propose", busv1.TaskMode_TASK_MODE_EXECUTE: "execute"}
	kindEnums = reverse(kindWords)
	modeEnums = reverse(modeWords)

	verdictWords = map[busv1.Verdict]string{
		busv1.Verdict_VERDICT_APPROVED: "approved", busv1.Verdict_VERDICT_REJECTED: "rejected",
		busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW: "requires_human_review",
	}
)

func reverse[K comparable](m map[K]string) map[string]K {
	out := make(map[string]K, len(m))
	for k, v := range m {
		out[v] = k
	}
	return out
}

// Message builds a task's bus message from its row, the one constructor of it. signed is the redeemable grant of
// a task in mode execute, nil otherwise.
func Message(tenant tenancy.ID, t store.Task, dependsOn []string, signed *busv1.SignedGrant) *busv1.Task {
	m := &busv1.Task{
		Id: t.ID, TenantId: string(tenant),
		Context: &busv1.TaskContext{
			CampaignId: t.CampaignID, AgentId: t.AgentID, PersonaVersion: t.PersonaVersion, PlanVersion: t.PlanVersion,
			Node: t.Node, DependsOn: dependsOn, RequestId: t.RequestID,
		},
		Spec: claimed(t),
		Resources: &busv1.TaskResources{
			Timeout: durationpb.New(time.Duration(t.TimeoutMS) * time.Millisecond), MaxAttempts: t.MaxAttempts,
			MaxCostMicros: t.MaxCostMicros, Priority: t.Priority,
		},
		Version: &busv1.TaskVersion{Epoch: t.Epoch, StateVersion: t.StateVersion, SpecDigest: t.SpecDigest},
		Grant:   signed,
	}
	if t.Deadline != nil {
		m.Resources.Deadline = timestamppb.New(*t.Deadline)
	}
	return m
}

// claimed is the specification that the task's digest was taken over. A result may have tainted the row since: then
// another attempt still has the inputs it had, and a claim for other bytes would be taken for a forgery.
func claimed(t store.Task) *busv1.TaskSpec {
	s := spec(t)
	if digest, err := grant.SpecDigest(s); t.Tainted && err == nil && digest != t.SpecDigest {
		s.Tainted = false
	}
	return s
}

func spec(t store.Task) *busv1.TaskSpec {
	return &busv1.TaskSpec{
		Kind: kindEnums[t.Kind], Mode: modeEnums[t.Mode], Tool: t.Tool, ToolDigest: t.ToolDigest,
		ArgumentsJson: t.Arguments, AccountId: t.Account(), Tainted: t.Tainted,
	}
}

// bound is the task's specification with its digest, ready to be written.
func bound(t store.Task, mode string, arguments []byte, toolDigest string, tainted bool) (store.TaskSpec, error) {
	t.Mode, t.Arguments, t.ToolDigest, t.Tainted = mode, arguments, toolDigest, tainted
	digest, err := grant.SpecDigest(spec(t))
	if err != nil {
		return store.TaskSpec{}, err
	}
	return store.TaskSpec{Mode: mode, Arguments: arguments, ToolDigest: toolDigest, SpecDigest: digest, Tainted: tainted}, nil
}

func marshal(m proto.Message) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// errorJSON is how a task's last error rests: the public part only.
func errorJSON(err error, requestID string) json.RawMessage {
	if err == nil {
		return nil
	}
	info := errs.Info(err, requestID)
	raw, _ := json.Marshal(map[string]any{"reason": info.GetReason().String(), "message": info.GetMessage(), "request_id": requestID})
	return raw
}
