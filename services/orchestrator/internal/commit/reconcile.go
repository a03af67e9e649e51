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

// sweepBatch bounds one look for what is overdue, in rows.
const sweepBatch = 200

// FoldCounts adds up the tenants' counters, all in one transaction. Each tenant's is one statement, and no other
// transaction waits for it.
func (c *Committer) FoldCounts(ctx context.Context, tenants []tenancy.ID) error {
	scopes := make([]tenancy.Scope, len(tenants))
	for i, t := range tenants {
		scopes[i] = tenancy.Scope{Tenant: t, Actor: "system:reconcile"}
	}
	return c.store.WriteEach(ctx, scopes, func(ctx context.Context, tx *store.Tx, _ int) ([]audit.Entry, error) { return nil, tx.FoldCounts(ctx) })
}

// sweep finds the tasks that one kind of fault left behind, and mends one of them. Between the two others may have
// been faster, so mend looks again under the locks.
type sweep struct {
	find func(tx *store.Tx, ctx context.Context, limit int) ([]string, error)
	mend func(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error)
}

// Reconcile mends what faults left behind in one tenant: leases that ran out, content past its slot, effects
// nobody answered for, and tasks that could not start. Every object is its own transaction, so one that fails does
// not hold up the others; errors are joined.
func (c *Committer) Reconcile(ctx context.Context, sc tenancy.Scope) error {
	all := c.sweepStalled(ctx, sc)
	for _, s := range []sweep{
		{(*store.Tx).ExpiredLeases, c.mendLease},
		{(*store.Tx).OverdueSending, c.mendSending},
		{(*store.Tx).UnknownDue, c.mendUnknown},
		{(*store.Tx).PastDeadline, c.mendDeadline},
		{(*store.Tx).OverdueReviews, c.mendReview},
	} {
		all = errors.Join(all, c.sweep(ctx, sc, s))
	}
	return all
}

func (c *Committer) sweep(ctx context.Context, sc tenancy.Scope, s sweep) error {
	var ids []string
	err := c.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) (err error) {
		ids, err = s.find(tx, ctx, sweepBatch)
		return err
	})
	for _, id := range ids {
		err = errors.Join(err, c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
			t, err := lockTask(ctx, tx, id)
			if err != nil {
				return nil, err
			}
			return s.mend(ctx, tx, t)
		}))
	}
	return err
}

// mendLease gives the task of a worker that went silent another attempt, or ends it. Attempts were counted at the
// claim, so a task that kills its worker ends here, as a dead letter.
func (c *Committer) mendLease(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error) {
	if t.State != "running" || t.LeaseUntil == nil || !t.LeaseUntil.Before(tx.Now()) {
		return nil, nil
	}
	return c.leaseLost(ctx, tx, t)
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
		if !mayGoAgain(t) {
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
	next := "replay it"
	if t.Mode == "execute" {
		next = "start the campaign again, or request a new draft"
	}
	return errs.Newf(errs.Internal, typev1.Reason_REASON_TOOL_FAILED, "its worker was lost in each of %d attempts; look into the tool %s before you %s", t.Attempt, t.Tool, next)
}

// ExhaustedKind marks a dead letter that stands for a task whose attempts are used up: its replay is a retry of
// the task, not of a message.
const ExhaustedKind = "exhausted"

func exhausted(t store.Task, cause *errs.Error) (store.DeadLetter, error) {
	metadata, err := json.Marshal(map[string]string{"kind": ExhaustedKind, "tool": t.Tool, "node": t.Node, "reason": cause.Reason.String()})
	return store.DeadLetter{ID: newID(), Queue: "task", MessageID: t.ID, TaskID: t.ID, Reason: cause.Public, Raw: t.Arguments, Metadata: metadata}, err
}

// mendSending takes an effect whose call must have ended without an answer to be unknown. A running task's own
// result is waited for until its lease ends.
func (c *Committer) mendSending(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error) {
	e, err := tx.EffectOfTask(ctx, t.ID)
	if err != nil || e.State != "sending" || t.State == "running" || t.State == "judging" {
		return nil, err
	}
	return c.doubt(ctx, tx, t, e, "nobody answered for the call in time")
}

// mendUnknown has an effect read back whose quiet period is over.
func (c *Committer) mendUnknown(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error) {
	e, err := tx.EffectOfTask(ctx, t.ID)
	if err != nil || e.State != "unknown" || e.ResolveAfter == nil || !e.ResolveAfter.Before(tx.Now()) {
		return nil, err
	}
	if underWay, err := tx.LookupUnderWay(ctx, e.ID); err != nil || underWay {
		return nil, err
	}
	return c.lookup(ctx, tx, e)
}

// mendDeadline expires what waited past its slot; expired is not rejected, and it asks again.
func (c *Committer) mendDeadline(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error) {
	if (t.State != "ready" && t.State != "queued") || t.Deadline == nil || !t.Deadline.Before(tx.Now()) {
		return nil, nil
	}
	over := errs.New(errs.Conflict, typev1.Reason_REASON_EXPIRED, "its slot ended before it could be done")
	entries := []audit.Entry{entry("task.expired", "task", t.ID, map[string]any{"node": t.Node})}
	if t.Mode == "execute" {
		e, err := tx.EffectOfTask(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		more, err := c.fail(ctx, tx, t, e, "expired", over, over.Public)
		return append(entries, more...), err
	}
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "expired", Error: errorJSON(over, t.RequestID)}); err != nil {
		return nil, err
	}
	more, err := c.askAgain(ctx, tx, t)
	return append(entries, more...), err
}

// mendReview expires an item that nobody decided in time.
func (c *Committer) mendReview(ctx context.Context, tx *store.Tx, t store.Task) ([]audit.Entry, error) {
	r, err := tx.ReviewOpenOf(ctx, t.ID)
	if err != nil || r == nil || !r.Deadline.Before(tx.Now()) {
		return nil, err
	}
	over := errs.New(errs.Conflict, typev1.Reason_REASON_EXPIRED, "nobody decided before its slot ended")
	if err := tx.ReviewClose(ctx, r.ID, r.StateVersion, "expired", nil, over.Public); err != nil {
		return nil, err
	}
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "expired", Error: errorJSON(over, t.RequestID)}); err != nil {
		return nil, err
	}
	more, err := c.askAgain(ctx, tx, t)
	return append([]audit.Entry{entry("review.expired", "review", r.ID, map[string]any{"task_id": t.ID})}, more...), err
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

func (c *Committer) sweepStalled(ctx context.Context, sc tenancy.Scope) error {
	var campaigns []string
	err := c.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) (err error) {
		campaigns, err = tx.StalledCampaigns(ctx, sweepBatch)
		return err
	})
	for _, id := range campaigns {
		err = errors.Join(err, c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) { return c.advance(ctx, tx, id) }))
	}
	return err
}
