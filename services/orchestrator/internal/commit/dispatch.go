package commit

import (
	"context"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// Outgoing is a task's message and the trace it belongs to: that of the call which made the task, however much
// later and in whichever process it is sent.
type Outgoing struct {
	Task        *busv1.Task
	Traceparent string // W3C; empty when nobody traced
}

// TakeReady moves what fits into the tenant's window from ready to queued and answers the messages to put on the
// bus, after this transaction. What is lost on the way there, LostDispatches finds again.
func (c *Committer) TakeReady(ctx context.Context, sc tenancy.Scope, window int) ([]Outgoing, error) {
	var out []Outgoing
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) (entries []audit.Entry, err error) {
		var more bool
		out, entries, more, err = c.take(ctx, tx, window)
		if c.outbox.open.Load() {
			c.outbox.note(sc.Tenant, more)
		}
		return entries, err
	})
	return out, err
}

// LostDispatches answers messages for tasks that nobody claimed in time, to be put on the bus again.
func (c *Committer) LostDispatches(ctx context.Context, sc tenancy.Scope, after time.Duration) ([]Outgoing, error) {
	var out []Outgoing
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) (entries []audit.Entry, err error) {
		tasks, err := tx.LostDispatches(ctx, after, sweepBatch)
		if err == nil {
			out, entries, err = c.messages(ctx, tx, tasks)
		}
		return entries, err
	})
	return out, err
}

// StuckJudging answers tasks whose stored result got no verdict in time: they are judged again.
func (c *Committer) StuckJudging(ctx context.Context, sc tenancy.Scope, after time.Duration) ([]string, error) {
	var ids []string
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		var err error
		ids, err = tx.StuckJudging(ctx, after, sweepBatch)
		return nil, err
	})
	return ids, err
}

func (c *Committer) messages(ctx context.Context, tx *store.Tx, tasks []store.ReadyTask) (out []Outgoing, entries []audit.Entry, err error) {
	for _, t := range tasks {
		m, more, err := c.message(ctx, tx, t)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, more...)
		if m != nil {
			out = append(out, Outgoing{Task: m, Traceparent: t.Traceparent})
		}
	}
	return out, entries, nil
}

// message builds what goes onto the bus. An execution whose grant ran out while it waited gets another one for
// the same bytes: the person's approval stands until its slot ends. nil means there is nothing to send any more,
// and the deadline's sweep ends the task.
func (c *Committer) message(ctx context.Context, tx *store.Tx, t store.ReadyTask) (*busv1.Task, []audit.Entry, error) {
	if t.Mode != "execute" {
		return Message(tx.Scope().Tenant, t.Task, t.DependsOn, nil), nil, nil
	}
	grants, err := tx.GrantIssued(ctx, t.ID)
	if err != nil {
		return nil, nil, err
	}
	var entries []audit.Entry
	if len(grants) == 0 || !tx.Now().Add(c.set.EffectCall).Before(grants[0].NotAfter) {
		issued, err := c.reissue(ctx, tx, t.Task)
		if errs.ReasonOf(err) == typev1.Reason_REASON_GRANT_EXPIRED {
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, issued)
		if grants, err = tx.GrantIssued(ctx, t.ID); err != nil {
			return nil, nil, err
		}
	}
	signed, err := signedGrant(grants[0])
	return Message(tx.Scope().Tenant, t.Task, t.DependsOn, signed), entries, err
}

func (c *Committer) reissue(ctx context.Context, tx *store.Tx, t store.Task) (audit.Entry, error) {
	e, err := tx.EffectOfTask(ctx, t.ID)
	if err != nil {
		return audit.Entry{}, err
	}
	if e.State != "prepared" {
		return audit.Entry{}, wrongState("the effect is %s, so its task must not be sent again", e.State)
	}
	if err := tx.GrantsRevoke(ctx, t.ID); err != nil {
		return audit.Entry{}, err
	}
	return c.issue(ctx, tx, t, e, 0)
}
