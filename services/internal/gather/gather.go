// Package gather is group commit that never waits: calls that arrive while a batch is running make up the
// next one. At low rates every call goes out alone and at once; under load the batches grow by themselves.
package gather

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Config bounds a Gather; zero values take the defaults named.
type Config struct {
	Max     int           // calls in one batch; 64
	Timeout time.Duration // of one batch; 20 s
}

// Gather runs many callers' work in few calls. It has no goroutine while nothing is under way.
type Gather[In, Out any] struct {
	cfg  Config
	work func(context.Context, []In) ([]Out, error)

	mu      sync.Mutex
	waiting []call[In, Out]
	running bool
}

type call[In, Out any] struct {
	ctx  context.Context
	in   In
	done chan<- answer[Out]
}

type answer[Out any] struct {
	out Out
	err error
}

// New makes a Gather around work, which must answer one Out for each In, in order; its error goes to every caller of the batch.
func New[In, Out any](cfg Config, work func(context.Context, []In) ([]Out, error)) *Gather[In, Out] {
	if cfg.Max <= 0 {
		cfg.Max = 64
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 20 * time.Second
	}
	return &Gather[In, Out]{cfg: cfg, work: work}
}

// Do joins the next batch and waits for its own answer. When ctx ends first, Do returns its error though
// the batch may still do the work: what is gathered must be safe to repeat.
func (g *Gather[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	// Buffered, so that a caller who has gone never holds up the batch.
	done := make(chan answer[Out], 1)
	g.mu.Lock()
	g.waiting = append(g.waiting, call[In, Out]{ctx, in, done})
	if !g.running {
		g.running = true
		go g.drain()
	}
	g.mu.Unlock()
	select {
	case a := <-done:
		return a.out, a.err
	case <-ctx.Done():
		var none Out
		return none, ctx.Err()
	}
}

// Waiting is how many calls no batch has taken yet.
func (g *Gather[In, Out]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

func (g *Gather[In, Out]) drain() {
	for {
		batch := g.take()
		if len(batch) == 0 {
			return
		}
		g.run(batch)
	}
}

// take answers the next batch without the callers who have gone; none ends the work.
func (g *Gather[In, Out]) take() []call[In, Out] {
	g.mu.Lock()
	defer g.mu.Unlock()
	var batch []call[In, Out]
	n := 0
	for _, c := range g.waiting {
		if len(batch) == g.cfg.Max {
			break
		}
		n++
		if c.ctx.Err() == nil {
			batch = append(batch, c)
		}
	}
	g.waiting = append([]call[In, Out](nil), g.waiting[n:]...)
	if len(batch) == 0 {
		g.running = false
	}
	return batch
}

func (g *Gather[In, Out]) run(batch []call[In, Out]) {
	// The first caller's trace and values, but nobody's end: one impatient caller must not fail the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), g.cfg.Timeout)
	defer cancel()
	in := make([]In, len(batch))
	for i, c := range batch {
		in[i] = c.in
	}
	outs, err := g.call(ctx, in)
	for i, c := range batch {
		a := answer[Out]{err: err}
		if err == nil {
			a.out = outs[i]
		}
		c.done <- a
	}
}

func (g *Gather[In, Out]) call(ctx context.Context, in []In) (outs []Out, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("gather: batch panicked: %v", v)
		}
	}()
	if outs, err = g.work(ctx, in); err == nil && len(outs) != len(in) {
		err = fmt.Errorf("gather: %d answers to %d calls", len(outs), len(in))
	}
	return outs, err
}
