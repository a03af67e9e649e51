package commit

import (
	"context"
	"sync"
	"sync/atomic"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// outbox is where what a transaction dispatched goes after its commit. Without one, or while it is shut, tasks stay
// ready until the dispatcher looks.
type outbox struct {
	window int
	out    chan []Outgoing
	open   atomic.Bool

	mu sync.Mutex
	// behind holds the tenants that had more ready than room at the last look: results make room for them.
	behind map[tenancy.ID]bool
}

// outboxDepth bounds what waits for the bus, in transactions.
const outboxDepth = 256

// Dispatch lets every transaction send what it readied within the tenant's window, and answers where the messages
// come out. Call it before the first verb. The reader opens the outbox, and shuts it while the bus is away.
func (c *Committer) Dispatch(window int) <-chan []Outgoing {
	c.outbox.window, c.outbox.out, c.outbox.behind = window, make(chan []Outgoing, outboxDepth), map[tenancy.ID]bool{}
	return c.outbox.out
}

// OpenOutbox says whether messages can go out at once; shut, tasks stay ready in Postgres.
func (c *Committer) OpenOutbox(open bool) { c.outbox.open.Store(open) }

// send never waits: if the bus is that far behind, the reconciler dispatches again.
func (o *outbox) send(out []Outgoing) {
	select {
	case o.out <- out:
	default:
	}
}

// wants tells whether a look at the tenant's ready tasks is due: something became ready just now, or room came up for
// what had none. At rest a result costs no look.
func (o *outbox) wants(tx *store.Tx) bool {
	if !o.open.Load() {
		return false
	}
	readied, freed := tx.Woke()
	if readied {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return freed && o.behind[tx.Scope().Tenant]
}

// sends tells whether tasks may be written as queued at once: messages go out, and at the last look nothing of the tenant
// was left for want of room.
func (o *outbox) sends(tx *store.Tx) bool {
	if !o.open.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.behind[tx.Scope().Tenant]
}

func (o *outbox) note(tenant tenancy.ID, behind bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if behind {
		o.behind[tenant] = true
		return
	}
	delete(o.behind, tenant)
}

// dispatch sends what the caller's transaction has written as queued, and takes what is ready within it if a look is due.
// left tells that somebody else should look: there may be something ready, and this transaction has not looked.
func (c *Committer) dispatch(ctx context.Context, tx *store.Tx) (out []Outgoing, entries []audit.Entry, left bool, err error) {
	if out, entries, err = c.messages(ctx, tx, tx.Sent()); err != nil {
		return nil, nil, false, err
	}
	if !c.outbox.wants(tx) {
		readied, _ := tx.Woke()
		return out, entries, readied || tx.Released(), nil
	}
	taken, added, more, err := c.take(ctx, tx, c.outbox.window)
	if err == nil {
		c.outbox.note(tx.Scope().Tenant, more)
	}
	return append(out, taken...), append(entries, added...), false, err
}

// take moves what fits into the window to queued. more tells that ready tasks were left for want of room.
func (c *Committer) take(ctx context.Context, tx *store.Tx, window int) (out []Outgoing, entries []audit.Entry, more bool, err error) {
	tasks, more, err := tx.TakeReady(ctx, window)
	if err != nil {
		return nil, nil, false, err
	}
	out, entries, err = c.messages(ctx, tx, tasks)
	return out, entries, more, err
}
