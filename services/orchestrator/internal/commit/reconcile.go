package commit

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// sweepBatch bounds one sweep's transaction, in rows.
const sweepBatch = 200

// Reconcile mends what faults left behind in one tenant: leases that ran out, content past its slot, effects
// nobody answered for, and tasks that could not start. Every step is its own transaction, so one failing object
// does not hold up the others; errors are joined.
func (c *Committer) Reconcile(ctx context.Context, sc tenancy.Scope) error {
	var all error
	for _, sweep := range []func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error){
		c.sweepLeases, c.sweepSending, c.sweepUnknown, c.sweepDeadlines, c.sweepReviews, c.sweepStalled,
	} {
		all = errors.Join(all, c.write(ctx, sc, sweep))
	}
	return all
}

// sweepLeases gives tasks of workers that went silent another attempt, or ends them. Attempts were counted at the
// claim, so a task that kills its worker ends here, as a dead letter.
func (c *Committer) sweepLeases(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
	expired, err := tx.ExpiredLeases(ctx, sweepBatch)
	if err != nil {
		return nil, err
	}
	var entries []audit.Entry
	for _, t := range expired {
		more, err := c.leaseLost(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	return entries, nil
}

func (c *Committer) leaseLost(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error) {
	if t.Mode == "execute" {
		e, err := tx.EffectOfTask(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		if e.State == "sending" {
			return c.doubt(ctx, tx, t, e, "the worker was lost while the platform was called")
		}
		if t.Attempt >= t.MaxAttempts {
			return c.fail(ctx, tx, t, e, "failed", lostTooOften(t), "its workers were lost before anything was sent")
		}
		return c.again(ctx, tx, t, e, tx.Now(), "the worker was lost before anything was sent", false)
	}
	if t.Attempt < t.MaxAttempts {
		at := tx.Now().Add(time.Duration(t.Attempt) * time.Second)
		lost := errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "its worker was lost; it is tried again")
		return []audit.Entry{entry("task.lease_lost", "task", t.ID, map[string]any{"attempt": t.Attempt, "worker_id": t.WorkerID})},
			tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "ready", NotBefore: &at, Error: errorJSON(lost, t.RequestID)})
	}
	cause := lostTooOften(t)
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "failed", Error: errorJSON(cause, t.RequestID)}); err != nil {
		return nil, err
	}
	letter, err := exhausted(t, cause)
	if err != nil {
		return nil, err
	}
	if err := tx.DeadLetterInsert(ctx, letter); err != nil {
		return nil, err
	}
	entries := []audit.Entry{entry("dead_letter.kept", "dead_letter", letter.ID, map[string]any{"queue": "task", "task_id": t.ID, "reason": cause.Public})}
	more, err := c.advance(ctx, tx, t.CampaignID)
	return append(entries, more...), err
}

func lostTooOften(t store.Task) *errs.Error {
	return errs.Newf(errs.Internal, typev1.Reason_REASON_TOOL_FAILED, "its worker was lost in each of %d attempts; look into the tool %s before you replay it", t.Attempt, t.Tool)
}

// ExhaustedKind marks a dead letter that stands for a task whose attempts are used up: its replay is a retry of
// the task, not of a message.
const ExhaustedKind = "exhausted"

func exhausted(t store.Task, cause *errs.Error) (store.DeadLetter, error) {
	metadata, err := json.Marshal(map[string]string{"kind": ExhaustedKind, "tool": t.Tool, "node": t.Node, "reason": cause.Reason.String()})
	return store.DeadLetter{ID: newID(), Queue: "task", MessageID: t.ID, TaskID: t.ID, Reason: cause.Public, Raw: t.Arguments, Metadata: metadata}, err
}

// sweepSending takes effects whose call must have ended without an answer to be unknown. A running task's own
// result is waited for until its lease ends.
func (c *Committer) sweepSending(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
	overdue, err := tx.OverdueSending(ctx, sweepBatch)
	if err != nil {
		return nil, err
	}
	var entries []audit.Entry
	for _, e := range overdue {
		t, err := tx.TaskLock(ctx, e.TaskID)
		if err != nil {
			return nil, err
		}
		if t.State == "running" || t.State == "judging" {
			continue
		}
		more, err := c.doubt(ctx, tx, t, e, "nobody answered for the call in time")
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	return entries, nil
}

func (c *Committer) sweepUnknown(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
	due, err := tx.UnknownDue(ctx, sweepBatch)
	if err != nil {
		return nil, err
	}
	var entries []audit.Entry
	for _, e := range due {
		more, err := c.lookup(ctx, tx, e)
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	return entries, nil
}

// sweepDeadlines expires what waited past its slot; expired is not rejected, and it asks again.
func (c *Committer) sweepDeadlines(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
	late, err := tx.PastDeadline(ctx, sweepBatch)
	if err != nil {
		return nil, err
	}
	var entries []audit.Entry
	over := errs.New(errs.Conflict, typev1.Reason_REASON_EXPIRED, "its slot ended before it could be done")
	for _, t := range late {
		var more []audit.Entry
		if t.Mode == "execute" {
			e, err := tx.EffectOfTask(ctx, t.ID)
			if err != nil {
				return nil, err
			}
			more, err = c.fail(ctx, tx, t, e, "expired", over, over.Public)
			if err != nil {
				return nil, err
			}
		} else {
			if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "expired", Error: errorJSON(over, t.RequestID)}); err != nil {
				return nil, err
			}
			if more, err = c.askAgain(ctx, tx, t); err != nil {
				return nil, err
			}
		}
		entries = append(append(entries, entry("task.expired", "task", t.ID, map[string]any{"node": t.Node})), more...)
	}
	return entries, nil
}

func (c *Committer) sweepReviews(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
	overdue, err := tx.OverdueReviews(ctx, sweepBatch)
	if err != nil {
		return nil, err
	}
	var entries []audit.Entry
	for _, r := range overdue {
		t, err := tx.TaskLock(ctx, r.TaskID)
		if err != nil {
			return nil, err
		}
		if err := tx.ReviewClose(ctx, r.ID, r.StateVersion, "expired", nil, "nobody decided before its slot ended"); err != nil {
			return nil, err
		}
		over := errs.New(errs.Conflict, typev1.Reason_REASON_EXPIRED, "nobody decided before its slot ended")
		if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "expired", Error: errorJSON(over, t.RequestID)}); err != nil {
			return nil, err
		}
		more, err := c.askAgain(ctx, tx, t)
		if err != nil {
			return nil, err
		}
		entries = append(append(entries, entry("review.expired", "review", r.ID, map[string]any{"task_id": t.ID})), more...)
	}
	return entries, nil
}

// askAgain plans a fresh draft for content that missed its slot, so that a person is asked anew. After too many
// rounds the campaign goes on without it.
func (c *Committer) askAgain(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error) {
	entries, err := c.revise(ctx, tx, t, textOf(t.Arguments), "", "the content of "+t.Node+" missed its slot")
	if reason := errs.ReasonOf(err); reason == typev1.Reason_REASON_LIMIT_EXCEEDED || reason == typev1.Reason_REASON_WRONG_STATE {
		return c.advance(ctx, tx, t.CampaignID)
	}
	return entries, err
}

func (c *Committer) sweepStalled(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
	campaigns, err := tx.StalledCampaigns(ctx, sweepBatch)
	if err != nil {
		return nil, err
	}
	var entries []audit.Entry
	for _, id := range campaigns {
		more, err := c.advance(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	return entries, nil
}
