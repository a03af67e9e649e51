package commit

import (
	"context"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// TakeReady moves what fits into the tenant's window from ready to queued and answers the messages to put on the
// bus, after this transaction. What is lost on the way there, LostDispatches finds again.
func (c *Committer) TakeReady(ctx context.Context, sc tenancy.Scope, window int) ([]*busv1.Task, error) {
	return c.messages(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]store.Task, error) { return tx.TakeReady(ctx, window) })
}

// LostDispatches answers messages for tasks that nobody claimed in time, to be put on the bus again.
func (c *Committer) LostDispatches(ctx context.Context, sc tenancy.Scope, after time.Duration) ([]*busv1.Task, error) {
	return c.messages(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]store.Task, error) {
		return tx.LostDispatches(ctx, after, sweepBatch)
	})
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

func (c *Committer) messages(ctx context.Context, sc tenancy.Scope, take func(ctx context.Context, tx *store.Tx) ([]store.Task, error)) ([]*busv1.Task, error) {
	var out []*busv1.Task
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		out = nil
		tasks, err := take(ctx, tx)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			m, err := message(ctx, tx, t)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
		return nil, nil
	})
	return out, err
}

func message(ctx context.Context, tx *store.Tx, t store.Task) (*busv1.Task, error) {
	dependsOn, err := tx.TaskDependencies(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if t.Mode != "execute" {
		return Message(tx.Scope().Tenant, t, dependsOn, nil), nil
	}
	grants, err := tx.GrantIssued(ctx, t.ID)
	if err != nil || len(grants) == 0 {
		// Without a redeemable grant the message is sent bare: the skill refuses, and the refusal is judged.
		return Message(tx.Scope().Tenant, t, dependsOn, nil), err
	}
	signed, err := signedGrant(grants[0])
	return Message(tx.Scope().Tenant, t, dependsOn, signed), err
}
