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
		if err := r.fold(ctx); err != nil && ctx.Err() == nil {
			r.Log.WarnContext(ctx, "counters grow long; the next sweep folds them", "error", err)
		}
		tenants, err := r.Store.TenantsOverdue(ctx, r.Overdue)
		if err != nil {
			r.Log.WarnContext(ctx, "reconciling is held up", "error", err)
			return
		}
		if len(tenants) == 0 {
			return
		}
		waiting, err := r.waiting(ctx)
		if err != nil {
			r.Log.WarnContext(ctx, "queue lengths cannot be read; nothing is dispatched again for now", "error", err)
		}
		inFlight, err := r.Store.InFlight(ctx, tenants)
		if err != nil {
			r.Log.WarnContext(ctx, "tasks in flight cannot be counted; all overdue ones are dispatched again", "error", err)
		}
		for _, tenant := range tenants {
			if err := r.tenant(ctx, tenant, waiting != nil, r.patient(waiting[tenant], inFlight[tenant])); err != nil && ctx.Err() == nil {
				r.Log.WarnContext(ctx, "a sweep failed; the next one tries again", "tenant_id", tenant, "error", err)
			}
		}
	})
}

// fold keeps reading the counters as cheap as there are states.
func (r *Reconciler) fold(ctx context.Context) error {
	tenants, err := r.Store.TenantsUncounted(ctx, tenantsPerRound)
	if err != nil || len(tenants) == 0 {
		return err
	}
	return r.Commit.FoldCounts(ctx, tenants)
}

// patience is how much longer a task may wait while its stream holds a message for each that does: then the workers or
// judges are slow or away and nothing was lost, and adding to the stream would only make it grow. Fewer messages than
// tasks mean that some were lost, whatever else the stream holds.
const patience = 15

// patient is the sweep's own times, each longer where nothing was lost.
func (r *Reconciler) patient(waiting messages, tasks store.Flight) store.Overdue {
	o := r.Overdue
	if waiting.tasks > 0 && waiting.tasks >= tasks.Sent {
		o.Queued *= patience
	}
	if waiting.verdicts > 0 && waiting.verdicts >= tasks.Judging {
		o.Judging *= patience
	}
	return o
}

// messages counts what of a tenant's waits in its streams.
type messages struct{ tasks, verdicts int64 }

// waiting counts the messages of the tenants' streams; nil when Redis does not answer.
func (r *Reconciler) waiting(ctx context.Context) (map[tenancy.ID]messages, error) {
	depths, err := r.Bus.Depths(ctx)
	if err != nil {
		return nil, err
	}
	waiting := make(map[tenancy.ID]messages, len(depths))
	for _, d := range depths {
		w := waiting[d.Tenant]
		switch d.Queue {
		case "task":
			w.tasks = d.Length
		case "review":
			w.verdicts = d.Length
		}
		waiting[d.Tenant] = w
	}
	return waiting, nil
}

func (r *Reconciler) tenant(ctx context.Context, tenant tenancy.ID, redis bool, overdue store.Overdue) error {
	sc := tenancy.Scope{Tenant: tenant, Actor: "system:reconcile"}
	all := r.Commit.Reconcile(ctx, sc)
	for redis {
		lost, err := r.Commit.LostDispatches(ctx, sc, overdue.Queued)
		if err != nil || len(lost) == 0 {
			all = errors.Join(all, err)
			break
		}
		if err := publish(ctx, r.Bus, lost); err != nil {
			all = errors.Join(all, err)
			break
		}
	}
	stuck, err := r.Commit.StuckJudging(ctx, sc, overdue.Judging)
	all = errors.Join(all, err)
	if len(stuck) > 0 {
		all = errors.Join(all, r.Flow.Rejudge(ctx, sc, stuck))
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
