package commit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

func task(w *committest.World, id string) (t store.Task) {
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
		t, err = tx.TaskGet(ctx, id)
		return err
	})
	return t
}

// TestMovedPublicationAsksAgain (F-33, R10.3, R7.1): the approval and its signed grant were for another time; both
// are void, the same draft is proposed again, and its new grant opens at the chosen time and not before.
func TestMovedPublicationAsksAgain(t *testing.T) {
	w, camp := begin(t)
	r := w.UntilReview(w.Operator)
	w.Approve(r)
	approved := task(w, r.TaskID)
	require.Equal(t, "execute", approved.Mode)
	to := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	moved, err := w.Commit.MovePlanned(t.Context(), w.Operator, commit.Idempotency{}, approved.ID, approved.StateVersion, to)
	require.NoError(t, err)
	require.True(t, moved.VoidedApproval && moved.VoidedGrant)
	require.Equal(t, "cancelled", task(w, approved.ID).State)
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		effects := w.Effects(w.Operator)
		require.Equal(t, "failed", effects[0].State)
		grants, err := tx.GrantList(ctx, effects[0].ID)
		require.Equal(t, "revoked", grants[0].State)
		require.NoError(t, err)
		plan, err := tx.PlanGet(ctx, camp.ID, 2)
		require.Equal(t, moved.Sentence, plan.Cause)
		require.Equal(t, w.Operator.Actor, plan.CreatedBy)
		return err
	})

	again := w.UntilReview(w.Operator)
	require.Equal(t, moved.TaskID, again.TaskID)
	require.Equal(t, r.PayloadSHA256, again.PayloadSHA256, "the draft is the same")
	require.True(t, again.Deadline.After(to), "its slot counts from the chosen time")
	w.Approve(again)
	waiting := task(w, again.TaskID)
	require.WithinDuration(t, to, waiting.NotBefore, time.Millisecond, "approved ahead, sent at its time")
	require.Empty(t, w.Take(w.Operator))
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		grants, err := tx.GrantIssued(ctx, waiting.ID)
		require.Len(t, grants, 1)
		require.WithinDuration(t, to, grants[0].NotBefore, 5*time.Second)
		require.True(t, grants[0].NotAfter.After(to))
		return err
	})
	require.Nil(t, verify(t, w, w.Operator))
}

// TestWhatIsUnderWayIsNotMoved (F-33): a step that a worker holds, or that was sent, keeps its time.
func TestWhatIsUnderWayIsNotMoved(t *testing.T) {
	w, m, _ := approved(t)
	t1 := task(w, m.GetId())
	require.Equal(t, "running", t1.State)
	_, err := w.Commit.MovePlanned(t.Context(), w.Operator, commit.Idempotency{}, t1.ID, t1.StateVersion, time.Now().Add(time.Hour))
	require.Equal(t, typev1.Reason_REASON_WRONG_STATE, errs.ReasonOf(err))
	_, err = w.Commit.PreviewMove(t.Context(), w.Operator, t1.ID, t1.StateVersion, time.Now().Add(time.Hour))
	require.Equal(t, typev1.Reason_REASON_WRONG_STATE, errs.ReasonOf(err))
}

// TestSnoozedItemIsOutOfTheQueue (F-31): until its moment, never beyond its deadline.
func TestSnoozedItemIsOutOfTheQueue(t *testing.T) {
	w, _ := begin(t)
	r := w.UntilReview(w.Operator)
	queue := func(f store.ReviewFilter) (n int) {
		f.State = "open"
		w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
			list, err := tx.ReviewList(ctx, f, nil, 10)
			n = len(list)
			return err
		})
		return n
	}
	require.NotEmpty(t, r.Rule)
	require.NotEmpty(t, r.Threshold)
	require.NotEmpty(t, r.Value)
	_, err := w.Commit.SnoozeReview(t.Context(), w.Reviewer, r.ID, r.StateVersion, r.Deadline.Add(time.Second))
	require.Equal(t, errs.Invalid, errs.KindOf(err))
	r, err = w.Commit.SnoozeReview(t.Context(), w.Reviewer, r.ID, r.StateVersion, r.Deadline)
	require.NoError(t, err)
	require.Zero(t, queue(store.ReviewFilter{}))
	require.Equal(t, 1, queue(store.ReviewFilter{Snoozed: true}))
	r, err = w.Commit.SnoozeReview(t.Context(), w.Reviewer, r.ID, r.StateVersion, time.Time{})
	require.NoError(t, err)
	require.Nil(t, r.SnoozedUntil)
	require.Equal(t, 1, queue(store.ReviewFilter{}))
}
