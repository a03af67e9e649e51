package flow

import (
	"context"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
)

// OnDecisions commits judges' verdicts. A stale one was overtaken: whatever overtook it is what counts, and if the
// task still waits for a verdict the reconciler judges it again.
func (f *Flow) OnDecisions(ctx context.Context, items []bus.Item[*busv1.ReviewDecision]) []error {
	in := make([]commit.Verdict, len(items))
	for i, item := range items {
		in[i] = commit.Verdict{Scope: item.Delivery.Scope, Decision: item.Message}
	}
	out := f.commit.ApplyDecisions(ctx, in)
	for i, err := range out {
		d := in[i].Decision
		switch errs.ReasonOf(err) {
		case typev1.Reason_REASON_STALE_VERSION:
			f.metrics.stale.Inc()
			f.log.InfoContext(items[i].Ctx, "verdict on a version that is past", "decision_id", d.GetId())
			out[i] = nil
		case typev1.Reason_REASON_PERMISSION_DENIED:
			// Someone wrote a person's decision onto the bus.
			if recorded := f.commit.RecordSecurityEvent(ctx, in[i].Scope, "forged_decision", "a message on the review queue claimed a person's decision over task "+d.GetTaskId()); recorded != nil {
				f.log.ErrorContext(items[i].Ctx, "security event could not be recorded", "error", recorded)
			}
		}
	}
	return out
}
