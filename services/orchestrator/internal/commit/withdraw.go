package commit

import (
	"context"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/store"
)

// withdrawal is why a step ends before its time, as its effect, its review and its own row say it.
type withdrawal struct{ note, review, task string }

// withdraw ends an open step that was not sent, with whatever a person has decided, or is asked, about it. It reports false, and
// leaves the step as it is, when it may be on its way to the platform: that is settled and not abandoned.
func withdraw(ctx context.Context, tx *store.Tx, t store.Task, why withdrawal) (bool, error) {
	if t.Mode == "execute" {
		e, err := tx.EffectOfTask(ctx, t.ID)
		if err != nil || e.State != "prepared" {
			return false, err
		}
		if err := tx.EffectSettle(ctx, e.ID, e.StateVersion, "failed", store.EffectReceipt{Note: why.note}); err != nil {
			return false, err
		}
		if err := tx.GrantsRevoke(ctx, t.ID); err != nil {
			return false, err
		}
	}
	review, err := tx.ReviewOpenOf(ctx, t.ID)
	if err != nil {
		return false, err
	}
	if review != nil {
		if err := tx.ReviewClose(ctx, review.ID, review.StateVersion, "cancelled", nil, why.review); err != nil {
			return false, err
		}
	}
	cause := errs.New(errs.Cancelled, typev1.Reason_REASON_CANCELLED, why.task)
	return true, tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "cancelled", Error: errorJSON(cause, t.RequestID)})
}
