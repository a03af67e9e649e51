// Package lanes reads the streams of many tenants through one consumer group, on one connection, in
// rotation, and only as much as there is room for. It is built against what the stock Redis subscriber
// gets wrong: a connection a topic, a running task claimed again by its own worker, no way back after
// FLUSHALL, acknowledged entries that stay for ever.
//
// A lane promises at-least-once within what Redis keeps; that is enough, as every claim is fenced in Postgres.
// All streams of one read must live on one Redis server; Redis Cluster is not supported.
package lanes

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"chimera/services/internal/tenancy"
)

// Config says what to read and for whom.
type Config struct {
	Group    string
	Consumer string
	Stream   func(tenancy.ID) string
	// Block bounds how long an empty read waits, and so how late a stop is noticed; 1 s.
	Block time.Duration
	// ReclaimAfter is how long an entry may lie untouched at a consumer before another takes it over; 60 s.
	ReclaimAfter time.Duration
	// MaxStreams bounds one read; 500.
	MaxStreams int
	Log        *slog.Logger
	Now        func() time.Time
}

// Ref names one entry.
type Ref struct{ Stream, ID string }

// Entry is one entry in hand: it must be given to Ack or Release once.
type Entry struct {
	Ref
	Values map[string]any
	// Deliveries counts from 1; more means it was reclaimed.
	Deliveries int64
}

// Lanes is one consumer of one group. Fetch is for one goroutine; the rest is safe for many.
type Lanes struct {
	cfg Config
	// reader has a connection of its own: a blocking read must not keep acks or publishes waiting.
	reader *redis.Client
	ops    *redis.Client
	roster roster
	held   []Entry
	acks   chan Ref
	done   chan struct{}

	mu       sync.Mutex
	inFlight map[Ref]time.Time // when Redis was last told that it is ours
	putOffs  int               // entries put off in a row, without a success between
	failing  time.Time         // since when reads fail; zero when they work

	nextReclaim time.Time
	toScan      []*stream
}

// New makes a consumer; nothing is read before Fetch, and Keep must run beside it.
func New(reader, ops *redis.Client, cfg Config) *Lanes {
	if cfg.Block <= 0 {
		cfg.Block = time.Second
	}
	if cfg.ReclaimAfter <= 0 {
		cfg.ReclaimAfter = time.Minute
	}
	if cfg.MaxStreams <= 0 {
		cfg.MaxStreams = 500
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Lanes{
		cfg: cfg, reader: reader, ops: ops, roster: newRoster(cfg.Stream),
		acks: make(chan Ref, maxAckBatch), done: make(chan struct{}), inFlight: map[Ref]time.Time{},
	}
}

// Release gives an entry up without acknowledging it: it stays pending and comes again once it has lain
// for ReclaimAfter, here or at another consumer. Reading slows down while nothing else succeeds, so that
// a part being away does not send the whole backlog round and round.
func (l *Lanes) Release(ref Ref) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.inFlight, ref)
	l.putOffs++
}

// FailingSince is when reads began to fail without a success since; zero when they work.
func (l *Lanes) FailingSince() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failing
}

func (l *Lanes) hold(entries []Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Now()
	for _, e := range entries {
		l.inFlight[e.Ref] = now
	}
	l.held = append(l.held, entries...)
}

func (l *Lanes) holds(ref Ref) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.inFlight[ref]
	return ok
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
