package bus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"golang.org/x/time/rate"

	"chimera/services/internal/bus/internal/lanes"
)

// RouterConfig bounds a whole process; zero values take the defaults named.
type RouterConfig struct {
	// PerSecond is the ceiling on handler runs of all queues together; 0 is none.
	PerSecond float64
	// Drain is how long handlers may go on after a stop before their contexts end; 20 s.
	Drain time.Duration
}

// stopGrace is what a handler gets to return after its context has ended.
const stopGrace = 3 * time.Second

// Router feeds handlers from queues.
type Router struct {
	bus     *Bus
	wm      *message.Router
	limiter *rate.Limiter
	drain   time.Duration
	// work is the parent of every handler's context: it outlives the stop of reading by the drain.
	work    context.Context
	abandon context.CancelFunc
	closing atomic.Bool
	subs    []*subscriber
	misuse  error
}

// NewRouter makes a router with nothing to do; add handlers, then Run.
func NewRouter(b *Bus, cfg RouterConfig) (*Router, error) {
	if cfg.Drain <= 0 {
		cfg.Drain = 20 * time.Second
	}
	limit := rate.Inf
	if cfg.PerSecond > 0 {
		limit = rate.Limit(cfg.PerSecond)
	}
	// Watermill logs every handler's start and end at Info; its errors are ours already, with their ids.
	log := quiet{watermill.NewSlogLoggerWithLevelMapping(b.log, map[slog.Level]slog.Level{
		slog.LevelInfo: slog.LevelDebug, slog.LevelError: slog.LevelDebug,
	})}
	wm, err := message.NewRouter(message.RouterConfig{CloseTimeout: cfg.Drain + stopGrace}, log)
	if err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	r := &Router{bus: b, wm: wm, limiter: rate.NewLimiter(limit, max(1, int(cfg.PerSecond))), drain: cfg.Drain}
	r.work, r.abandon = context.WithCancel(context.Background())
	return r, nil
}

// quiet leaves out what Watermill traces of every message: no level of ours shows it, and it made a record each time.
type quiet struct{ watermill.LoggerAdapter }

func (quiet) Trace(string, watermill.LogFields) {}

func (q quiet) With(fields watermill.LogFields) watermill.LoggerAdapter {
	return quiet{q.LoggerAdapter.With(fields)}
}

// Run reads until ctx ends. Then it stops reading, lets handlers finish within Drain, ends the contexts of
// the rest, whose messages stay pending, and sends the last acks. It runs once.
func (r *Router) Run(ctx context.Context) error {
	defer r.abandon()
	if r.misuse != nil {
		return r.misuse
	}
	var keepers sync.WaitGroup
	for _, s := range r.subs {
		keepers.Go(s.lanes.Keep)
	}
	stopped := make(chan struct{})
	var closer sync.WaitGroup
	closer.Go(func() {
		select {
		case <-ctx.Done():
		case <-stopped:
			return
		}
		// Watermill's Close before its Run has begun would hold the lock that Run needs until it times out.
		select {
		case <-r.wm.Running():
		case <-stopped:
			return
		}
		r.closing.Store(true)
		last := time.AfterFunc(r.drain, r.abandon)
		defer last.Stop()
		if err := r.wm.Close(); err != nil {
			r.bus.log.Warn("handlers did not end in time; their messages stay pending", "error", err)
		}
	})
	// Not ctx: Watermill would cut running handlers off with it.
	err := r.wm.Run(context.WithoutCancel(ctx))
	close(stopped)
	closer.Wait()
	for _, s := range r.subs {
		s.settled()
		s.lanes.Finish()
	}
	keepers.Wait()
	for _, s := range r.subs {
		err = firstError(err, s.reader.Close())
		r.bus.forget(s.lanes)
	}
	return err
}

// Running is closed once handlers are being fed.
func (r *Router) Running() <-chan struct{} { return r.wm.Running() }

// add makes a subscription of its own: one reading connection, slots handlers at once.
func (r *Router) add(q lane, slots int, layers []layer, handle func(*message.Message) error) {
	if _, ok := r.wm.Handlers()[q.name]; ok {
		r.misuse = fmt.Errorf("bus: queue %s has two handlers", q.name)
		return
	}
	reader := r.bus.client(1)
	// A blocking read is ended by its own BLOCK; a cancelled one would leave entries pending.
	l := lanes.New(reader, r.bus.ops, lanes.Config{
		Group: q.group, Consumer: r.bus.cfg.Consumer, Stream: q.topic,
		ReclaimAfter: r.bus.cfg.ReclaimAfter, Log: r.bus.log,
	})
	s := &subscriber{lanes: l, reader: reader, work: r.work, slots: make(chan struct{}, slots)}
	s.reading, s.stop = context.WithCancel(context.Background())
	r.subs = append(r.subs, s)
	r.bus.remember(l)
	h := r.wm.AddConsumerHandler(q.name, "tenant:*:queue:"+q.name, s, handle)
	h.AddMiddleware(s.settle)
	for _, layer := range layers {
		h.AddMiddleware(layer.wrap)
	}
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
