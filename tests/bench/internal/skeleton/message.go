package skeleton

import (
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// Messages are the system's own, as protobuf, with what the skeleton needs of them.

func taskMessage(r row) ([]byte, error) {
	return proto.Marshal(&busv1.Task{
		Id: uuid.UUID(r.ID).String(), TenantId: uuid.UUID(r.Tenant).String(), Version: &busv1.TaskVersion{StateVersion: r.Version},
		Spec: &busv1.TaskSpec{Kind: busv1.TaskKind_TASK_KIND_READ, Tool: "noop.noop", ArgumentsJson: r.Arguments},
	})
}

func resultMessage(tenant, task string, version int64, output []byte) ([]byte, error) {
	return proto.Marshal(&busv1.Result{
		Id: uuid.NewString(), TenantId: tenant, TaskId: task, Epoch: version, Attempt: 1, Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS, OutputJson: output,
		Confidence: &busv1.Confidence{Score: 1, Basis: "nothing was done"},
	})
}

// output is the messages that make a task go on: to a worker, or to the judge where it is a decision.
func (r row) output() (out, error) {
	if r.decision() {
		body, err := resultMessage(uuid.UUID(r.Tenant).String(), uuid.UUID(r.ID).String(), r.Version, okay)
		return out{stream(r.Tenant, results), body}, err
	}
	body, err := taskMessage(r)
	return out{stream(r.Tenant, tasks), body}, err
}

func outputs(rows []row) ([]out, error) {
	all := make([]out, len(rows))
	for i, r := range rows {
		var err error
		if all[i], err = r.output(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

var okay = []byte(`{"ok":true}`)

// judge passes a result on as a decision.
func judge(body string) (out, error) {
	r := &busv1.Result{}
	if err := proto.Unmarshal([]byte(body), r); err != nil {
		return out{}, err
	}
	if string(r.GetOutputJson()) != string(okay) {
		return out{}, fmt.Errorf("the tool answered %.100s", r.GetOutputJson())
	}
	tenant, err := uuid.Parse(r.GetTenantId())
	if err != nil {
		return out{}, err
	}
	raw, err := proto.Marshal(&busv1.ReviewDecision{Id: uuid.NewString(), TenantId: r.GetTenantId(), TaskId: r.GetTaskId(), ResultId: r.GetId(), TaskStateVersion: r.GetEpoch()})
	return out{stream(tenant, decisions), raw}, err
}

func decided(body string) (outcome, error) {
	d := &busv1.ReviewDecision{}
	if err := proto.Unmarshal([]byte(body), d); err != nil {
		return outcome{}, err
	}
	tenant, err := uuid.Parse(d.GetTenantId())
	if err != nil {
		return outcome{}, err
	}
	id, err := uuid.Parse(d.GetTaskId())
	return outcome{Tenant: tenant, ID: id, Next: uuid.Must(uuid.NewV7()), Version: d.GetTaskStateVersion()}, err
}
