package commit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

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
	// lent is what may be sent without counting what is in flight.
	lent map[tenancy.ID]credit
}

// credit is a part of the room that was found in a tenant's window.
type credit struct {
	left  int64
	until time.Time
}

const (
	// creditLasts is how old a count may be.
	creditLasts = time.Second
	// creditShare of the room is lent: four replicas that count at the same moment fill the window, and no more.
	creditShare = 4
)

// outboxDepth bounds what waits for the bus, in transactions.
const outboxDepth = 256

// Dispatch lets every transaction send what it readied within the tenant's window, and answers where the messages
// come out. Call it before the first verb. The reader opens the outbox, and shuts it while the bus is away.
func (c *Committer) Dispatch(window int) <-chan []Outgoing {
	c.outbox.window, c.outbox.out, c.outbox.behind, c.outbox.lent = window, make(chan []Outgoing, outboxDepth), map[tenancy.ID]bool{}, map[tenancy.ID]credit{}
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

// look tells what to ask of the tenant's queue before tasks are written as queued: nothing while no messages go out or when at
// the last look something was left for want of room, and not how many are in flight while there is credit.
func (o *outbox) look(tx *store.Tx) (look store.Look, left int64) {
	if !o.open.Load() {
		return store.NoLook, 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	tenant := tx.Scope().Tenant
	if o.behind[tenant] {
		return store.NoLook, 0
	}
	if c := o.lent[tenant]; c.left > 0 && time.Now().Before(c.until) {
		return store.LookHeld, c.left
	}
	return store.LookTaken, 0
}

func (o *outbox) lend(tenant tenancy.ID, room int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lent[tenant] = credit{max(0, room) / creditShare, time.Now().Add(creditLasts)}
}

// spend takes what was sent off the credit. Two transactions at once may have gone by the same credit: then it is used up.
func (o *outbox) spend(tenant tenancy.ID, sent int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c, ok := o.lent[tenant]; ok {
		c.left -= int64(sent)
		o.lent[tenant] = c
	}
}

func (o *outbox) note(tenant tenancy.ID, behind bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if behind {
		o.behind[tenant] = true
		delete(o.lent, tenant)
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
	if len(out) > 0 {
		c.outbox.spend(tx.Scope().Tenant, len(out))
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
