package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chimera/services/internal/bus"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/flow"
	"chimera/services/orchestrator/internal/store"
)

// Reconciler takes up what faults left behind: no state is without an owner and a deadline.
type Reconciler struct {
	Store   *store.Store
	Commit  *commit.Committer
	Flow    *flow.Flow
	Bus     *bus.Bus
	Every   time.Duration
	Overdue store.Overdue
	Log     *slog.Logger
}

// Run sweeps until ctx ends.
func (r *Reconciler) Run(ctx context.Context) error {
	return every(ctx, r.Every, func() {
		tenants, err := r.Store.TenantsOverdue(ctx, r.Overdue)
		if err != nil {
			r.Log.WarnContext(ctx, "reconciling is held up", "error", err)
			return
		}
		for _, tenant := range tenants {
			if err := r.tenant(ctx, tenant); err != nil && ctx.Err() == nil {
				r.Log.WarnContext(ctx, "a sweep failed; the next one tries again", "tenant_id", tenant, "error", err)
			}
		}
	})
}

func (r *Reconciler) tenant(ctx context.Context, tenant tenancy.ID) error {
	sc := tenancy.Scope{Tenant: tenant, Actor: "system:reconcile"}
	all := r.Commit.Reconcile(ctx, sc)
	for {
		lost, err := r.Commit.LostDispatches(ctx, sc, r.Overdue.Queued)
		if err != nil || len(lost) == 0 {
			all = errors.Join(all, err)
			break
		}
		if err := publish(ctx, r.Bus, lost); err != nil {
			all = errors.Join(all, err)
			break
		}
	}
	stuck, err := r.Commit.StuckJudging(ctx, sc, r.Overdue.Judging)
	all = errors.Join(all, err)
	for _, id := range stuck {
		all = errors.Join(all, r.Flow.Rejudge(ctx, sc, id))
	}
	return all
}

func every(ctx context.Context, interval time.Duration, fn func()) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		fn()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
