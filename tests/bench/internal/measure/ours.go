package measure

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/load"
	"chimera/tests/bench/internal/stage"
)

// patience bounds one run.
const patience = 5 * time.Minute

// Ours is a work of our system.
type Ours struct {
	Stage *stage.Stage
	Kind  stage.WorkerKind
	Shape stage.Shape
	// Rate is plans a second in an open loop; 0 is as fast as it goes.
	Rate float64
	// Settle waits for PostgreSQL to tell all its flushes, before and after.
	Settle bool
	// Profile is a folder for CPU profiles; "" takes none.
	Profile string
}

func (o Ours) sources() counts.Sources {
	return counts.Sources{Ours: o.Stage.PIDs, Postgres: o.Stage.Postgres.PID(), Redis: o.Stage.Redis.PID(), Database: o.Stage.Database, Streams: o.Stage.Streams}
}

// Run does the work with n plans, each created and started by the call that submits it.
func (o Ours) Run(ctx context.Context, n int) (Result, error) {
	plans := load.Plans(o.Stage.Tenants, stage.Playbook(o.Shape, o.Kind.Tool()), n)
	cost, err := measured(ctx, o.sources(), o.Settle, func() error {
		g, ctx := errgroup.WithContext(ctx)
		done, end := context.WithCancel(ctx)
		if o.Profile != "" {
			g.Go(func() error { return profiles(done, o.Stage, o.Profile) })
		}
		g.Go(func() error {
			defer end()
			if err := load.Do(ctx, load.Submissions(plans), load.Clients(o.Shape.Tasks()), o.Rate); err != nil {
				return err
			}
			return load.Await(ctx, o.Stage, plans, patience)
		})
		return g.Wait()
	})
	if err != nil {
		return Result{}, err
	}
	out, err := load.Check(ctx, o.Stage, plans, o.Shape.Tasks())
	r := Result{Plans: n, Tasks: out.Tasks, Repeated: out.Repeated, Elapsed: out.Elapsed, Cost: cost}
	r.latency(out.Latency, out.Acknowledged)
	return r, err
}

// measured reads the counters around work.
func measured(ctx context.Context, s counts.Sources, settle bool, work func() error) (counts.Cost, error) {
	if settle {
		if err := counts.Settle(ctx); err != nil {
			return counts.Cost{}, err
		}
	}
	before, err := s.Read(ctx)
	if err != nil {
		return counts.Cost{}, err
	}
	if err := work(); err != nil {
		return counts.Cost{}, err
	}
	after, err := s.Read(ctx)
	if err != nil {
		return counts.Cost{}, err
	}
	if settle {
		if err := counts.Settle(ctx); err != nil {
			return counts.Cost{}, err
		}
		if after, err = s.Late(ctx, after); err != nil {
			return counts.Cost{}, err
		}
	}
	return after.Since(before), nil
}
