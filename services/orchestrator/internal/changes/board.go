// Package changes carries hints about what changed from commit to the streams that people's pages hold open
// (decision 0061). Hints are disposable: they say what to read again and never what it says, so losing one costs
// a reader a moment and nothing else. Noting one is a map entry under a mutex; all else happens beside the path.
package changes

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

const (
	// every is the pace of hints: at most four a second for a tenant, however much happens.
	every = 250 * time.Millisecond
	// maxIDs bounds the objects a hint names; beyond it any of their kind may have changed.
	maxIDs = 100
	// maxTenants bounds what is noted between two paces; what is over is left to the readers' own looking.
	maxTenants = 10_000
)

// Carrier takes hints to the other replicas and brings theirs. Nil functions mean there are none.
type Carrier struct {
	Publish   func(ctx context.Context, hints [][]byte) error
	Subscribe func(ctx context.Context, hear func([]byte), listening func(bool)) error
}

// Board gathers and hands out hints; safe for concurrent use.
type Board struct {
	carrier Carrier
	self    string
	log     *slog.Logger
	// deaf is true while other replicas' hints do not come in.
	deaf atomic.Bool

	mu      sync.Mutex
	pending map[tenancy.ID]*Hint
	watches map[tenancy.ID]map[*Watch]struct{}
	total   int
}

// NewBoard needs Run for anything to be handed out.
func NewBoard(c Carrier, log *slog.Logger) *Board {
	b := &Board{carrier: c, self: uuid.Must(uuid.NewV7()).String(), log: log, pending: map[tenancy.ID]*Hint{}, watches: map[tenancy.ID]map[*Watch]struct{}{}}
	b.deaf.Store(c.Subscribe != nil)
	return b
}

// Note takes what a transaction left in the audit chain; none means it moved tasks only. It never waits.
func (b *Board) Note(tenant tenancy.ID, entries []audit.Entry) {
	var h Hint
	h.take(entries)
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.pending[tenant]
	if !ok {
		if len(b.pending) >= maxTenants {
			return
		}
		p = &Hint{}
		b.pending[tenant] = p
	}
	p.merge(h)
}

// Degraded reports whether hints of other replicas are missing just now.
func (b *Board) Degraded() bool { return b.deaf.Load() }

// Run hands out hints until ctx ends. A carrier that is away costs the other replicas' hints, never our own.
func (b *Board) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	if b.carrier.Subscribe != nil {
		g.Go(func() error { return b.carrier.Subscribe(ctx, b.hear, b.listening) })
	}
	g.Go(func() error {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				b.flush(ctx)
			}
		}
	})
	return g.Wait()
}

type wire struct {
	From   string     `json:"f"`
	Tenant tenancy.ID `json:"t"`
	Hint
}

func (b *Board) flush(ctx context.Context) {
	b.mu.Lock()
	noted := b.pending
	if len(noted) > 0 {
		b.pending = map[tenancy.ID]*Hint{}
	}
	b.mu.Unlock()
	out := make([][]byte, 0, len(noted))
	for tenant, h := range noted {
		b.deliver(tenant, *h)
		raw, _ := json.Marshal(wire{From: b.self, Tenant: tenant, Hint: *h}) // strings and numbers
		out = append(out, raw)
	}
	if b.carrier.Publish == nil || len(out) == 0 {
		return
	}
	if err := b.carrier.Publish(ctx, out); err != nil {
		b.log.DebugContext(ctx, "hints not published", slog.Int("hints", len(out)), slog.Any("error", err))
	}
}

func (b *Board) hear(raw []byte) {
	var w wire
	if json.Unmarshal(raw, &w) != nil || w.From == b.self || len(w.IDs) > maxIDs {
		return
	}
	b.deliver(w.Tenant, w.Hint)
}

// listening tells everybody to look again when hints come back: those in between were missed.
func (b *Board) listening(up bool) {
	if was := b.deaf.Swap(!up); !was || !up {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, all := range b.watches {
		for w := range all {
			w.offer(Everything())
		}
	}
}

func (b *Board) deliver(tenant tenancy.ID, h Hint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.watches[tenant] {
		w.offer(h)
	}
}
