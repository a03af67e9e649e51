package load

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Clients is how many submit at once: few where each submission is a batch of a hundred, many where it is one plan,
// so that the measured system's group commit has something to group.
func Clients(tasksPerPlan int) int {
	if tasksPerPlan >= 100 {
		return 4
	}
	return 32
}

// Submitter submits one piece of work that was due at a time, and returns when it is durable.
type Submitter func(ctx context.Context, due time.Time) error

// All submits everything as fast as so many clients can.
func All(ctx context.Context, work []Submitter, clients int) error {
	next := make(chan Submitter, len(work))
	for _, w := range work {
		next <- w
	}
	close(next)
	g, ctx := errgroup.WithContext(ctx)
	for range clients {
		g.Go(func() error {
			for w := range next {
				if err := w(ctx, time.Now()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// At submits one piece every 1/rate seconds, whether or not earlier ones have been answered: an open loop, so that
// a slow answer does not slow the questions. Due times are the schedule's, not when we got round to it.
func At(ctx context.Context, work []Submitter, rate float64) error {
	g, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for i, w := range work {
		due := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		timer := time.NewTimer(time.Until(due))
		select {
		case <-timer.C:
			g.Go(func() error { return w(ctx, due) })
		case <-ctx.Done():
			timer.Stop()
			return g.Wait()
		}
	}
	return g.Wait()
}

// Do submits at the rate, or as fast as it goes for 0.
func Do(ctx context.Context, work []Submitter, clients int, rate float64) error {
	if rate > 0 {
		return At(ctx, work, rate)
	}
	return All(ctx, work, clients)
}
