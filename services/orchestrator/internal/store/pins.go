package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Pins are what a tenant's tasks are bound to.
type Pins struct {
	// Tools are those that workers offer of the ones asked for, with the tenant's pins.
	Tools []Tool
	// Queue is empty unless it was asked for, else it has one element.
	Queue []Queue
}

// Queue is what decides whether a tenant's new tasks may be queued at once.
type Queue struct {
	// Taken is how many are queued or running, from the counters; 0 unless it was asked for.
	Taken int64 `db:"taken"`
	// Held tells that a switch is on, or that tasks are ready already: TakeReady knows which come first.
	Held bool `db:"held"`
}

// Look is how much of a tenant's queue is asked for.
type Look int

const (
	// NoLook asks for nothing.
	NoLook Look = iota
	// LookHeld asks only whether anything is held.
	LookHeld
	// LookTaken also asks how many are taken, which is dear while the counters' changes are not folded in.
	LookTaken
)

// Bindings reads what tasks are bound by, in one round trip: what they build on, by task, the tools among those named that
// exist, and what is asked of the tenant's queue.
func (t *Tx) Bindings(ctx context.Context, taskIDs, tools []string, look Look) (inputs map[string][]Input, pins Pins, err error) {
	var b pgx.Batch
	var rows []Input
	if len(taskIDs) > 0 {
		b.Queue(inputsOf, t.tenant(), taskIDs).Query(collect(&rows))
	}
	t.queuePins(&b, tools, look, &pins)
	err = t.ask(ctx, &b)
	return byTask(rows), pins, err
}

func (t *Tx) queuePins(b *pgx.Batch, tools []string, look Look, pins *Pins) {
	b.Queue(toolSelect+" where t.tool = any($2::text[])", t.tenant(), tools).Query(collect(&pins.Tools))
	switch look {
	case NoLook:
	case LookHeld:
		b.Queue("select 0::bigint as taken, "+queueHeld, t.tenant()).Query(collect(&pins.Queue))
	case LookTaken:
		b.Queue(`select (coalesce((select sum(n) from task_counts where tenant_id = $1 and state in ('queued', 'running')), 0)
				+ coalesce((select sum(n) from task_count_changes where tenant_id = $1 and state in ('queued', 'running')), 0))::bigint as taken, `+queueHeld, t.tenant()).Query(collect(&pins.Queue))
	}
}

// The order makes it go by the index of ready tasks: Postgres may have planned it when there were none.
const queueHeld = `exists (select from stops where tenant_id = $1 and released_at is null)
	or (select id from tasks where tenant_id = $1 and state = 'ready' and not_before <= now() order by not_before limit 1) is not null as held`
