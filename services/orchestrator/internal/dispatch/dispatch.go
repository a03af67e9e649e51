// Package dispatch holds the orchestrator's loops: what is ready goes onto the bus while each tenant's window
// has room, and what faults left behind is taken up again. Any number of replicas may run them; none leads.
package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"chimera/services/internal/bus"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// tenantsPerRound bounds one look for tenants with work.
const tenantsPerRound = 1000

// Dispatcher puts ready tasks onto the bus: the outbox and the backpressure in one (R12.3).
type Dispatcher struct {
	Store  *store.Store
	Commit *commit.Committer
	Bus    *bus.Bus
	// Window is how many tasks of one tenant may be queued or running; the rest waits in Postgres.
	Window int
	// Out is where transactions put what they dispatched: Commit's Dispatch with the same window.
	Out <-chan []commit.Outgoing
	// Every is how often to look without being woken: for work whose time has come and for other replicas'.
	Every time.Duration
	Log   *slog.Logger
}

// Run dispatches until ctx ends: what transactions dispatched themselves goes out as it comes, and a look at what is
// ready finds the rest. While Redis or Postgres is away it keeps trying at its own pace.
func (d *Dispatcher) Run(ctx context.Context) error {
	var sender sync.WaitGroup
	sender.Go(func() { d.deliver(ctx) })
	defer sender.Wait()
	ticker := time.NewTicker(d.Every)
	defer ticker.Stop()
	for {
		if err := d.round(ctx); err != nil && ctx.Err() == nil {
			d.Log.WarnContext(ctx, "dispatch is held up", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-d.Commit.Changed():
		}
	}
}

// deliver puts what was dispatched on the bus, all that waits in one publication. What fails stays queued until the
// reconciler finds it; meanwhile the outbox is shut, so that the rest stays ready.
func (d *Dispatcher) deliver(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case tasks := <-d.Out:
			for more := true; more; {
				select {
				case next := <-d.Out:
					tasks = append(tasks, next...)
				default:
					more = false
				}
			}
			if err := publish(ctx, d.Bus, tasks); err != nil && ctx.Err() == nil {
				d.Commit.OpenOutbox(false)
				d.Log.WarnContext(ctx, "dispatched tasks could not be sent; they go out again once the bus is back", "tasks", len(tasks), "error", err)
			}
		}
	}
}

func (d *Dispatcher) round(ctx context.Context) error {
	// Redis first: a task that is moved to queued and cannot be published waits for the reconciler.
	if err := d.Bus.Healthy(ctx); err != nil {
		d.Commit.OpenOutbox(false)
		return err
	}
	d.Commit.OpenOutbox(true)
	tenants, err := d.Store.TenantsWithReady(ctx, tenantsPerRound)
	if err != nil {
		return err
	}
	for _, tenant := range tenants {
		tasks, err := d.Commit.TakeReady(ctx, tenancy.Scope{Tenant: tenant, Actor: "system:dispatch"}, d.Window)
		if err != nil {
			return err
		}
		if err := publish(ctx, d.Bus, tasks); err != nil {
			return err
		}
	}
	return nil
}

// publish sends each message within its task's own trace, so that one trace leads from a person's call to the
// platform's answer (R14.1).
func publish(ctx context.Context, b *bus.Bus, tasks []commit.Outgoing) error {
	envelopes := make([]bus.Envelope, 0, len(tasks))
	for _, t := range tasks {
		traced := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": t.Traceparent})
		e, err := bus.Tasks.Envelope(traced, t.Task)
		if err != nil {
			return err
		}
		envelopes = append(envelopes, e)
	}
	if len(envelopes) == 0 {
		return nil
	}
	return b.Publish(ctx, envelopes...)
}
