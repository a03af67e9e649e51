package perform

import (
	"context"
	"fmt"
	"time"

	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/control"
	"chimera/services/kit/errs"
)

const claimTimeout = 10 * time.Second

// claim fences a batch in one call. An answer that does not fit the question grants nothing.
func (p *Performer) claim(ctx context.Context, items []*internalv1.ClaimItem) ([]*internalv1.ClaimOutcome, error) {
	res, err := p.control.ClaimTasks(ctx, &internalv1.ClaimTasksRequest{WorkerId: p.cfg.WorkerID, Items: items})
	if err != nil {
		// Whatever the cause, a wrong secret of ours included: nothing has run, and the task is not to blame.
		return nil, errs.Wrap(control.Error(err), errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the claim could not be made; the task may come again")
	}
	out := res.GetOutcomes()
	if len(out) != len(items) {
		return nil, errs.Wrap(fmt.Errorf("%d outcomes for %d items", len(out), len(items)), errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the orchestrator's answer to a claim is malformed")
	}
	for i, o := range out {
		if o.GetTaskId() != items[i].GetTaskId() || (o.GetGranted() && (o.GetEpoch() < 1 || o.GetAttempt() < 1 || o.GetLeaseUntil() == nil)) {
			out[i] = &internalv1.ClaimOutcome{TaskId: items[i].GetTaskId(), Reason: typev1.Reason_REASON_INTERNAL}
		}
	}
	return out, nil
}
