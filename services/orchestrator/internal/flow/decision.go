package flow

import (
	"context"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/kit/errs"
)

// OnDecision commits a judge's verdict. A stale one was overtaken: whatever overtook it is what counts, and if
// the task still waits for a verdict the reconciler judges it again.
func (f *Flow) OnDecision(ctx context.Context, d bus.Delivery, decision *busv1.ReviewDecision) error {
	err := f.commit.ApplyDecision(ctx, d.Scope, decision)
	if errs.ReasonOf(err) == typev1.Reason_REASON_STALE_VERSION {
		f.metrics.stale.Inc()
		f.log.InfoContext(ctx, "verdict on a version that is past", "decision_id", decision.GetId())
		return nil
	}
	if errs.ReasonOf(err) == typev1.Reason_REASON_PERMISSION_DENIED {
		// Someone wrote a person's decision onto the bus.
		if recorded := f.commit.RecordSecurityEvent(ctx, d.Scope, "forged_decision", "a message on the review queue claimed a person's decision over task "+decision.GetTaskId()); recorded != nil {
			f.log.ErrorContext(ctx, "security event could not be recorded", "error", recorded)
		}
	}
	return err
}
