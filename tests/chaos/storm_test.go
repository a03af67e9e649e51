package chaos_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"chimera/tests/chaos/internal/schedule"
	"chimera/tests/internal/world"
)

// storm makes a schedule's faults as the work goes on, and starts again what died, as a supervisor does.
type storm struct {
	w      *world.World
	faults []schedule.Fault

	kills, wipes, crashes, selfEnded atomic.Int64
	// restarts counts by hand: of Redis, which comes back with what its file kept.
	restarts atomic.Int64
}

// victims are weighed by how much of the work dies with one: a worker's tasks, a replica's transactions, a call.
func victims(w *world.World) []schedule.Group {
	return []schedule.Group{
		{Weight: 5, Names: w.Workers()},
		{Weight: 3, Names: []string{world.OrchestratorA, world.OrchestratorB}},
		{Weight: 2, Names: append([]string{"publisher", "publisher"}, world.Skills...)},
	}
}

// run makes the faults until all are made or ctx ends. done tells the share of the work that is done.
func (s *storm) run(ctx context.Context, t *testing.T, done func() float64) {
	t.Helper()
	go every(ctx, 200*time.Millisecond, func() {
		for _, name := range s.w.Processes() {
			// A process whose database is away at its start ends with an error, and is started again.
			if had, _ := s.w.Process(name).Respawn(); had {
				s.selfEnded.Add(1)
			}
		}
	})
	for _, f := range s.faults {
		for done() < f.At {
			select {
			case <-ctx.Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
		if err := s.make(ctx, f); err != nil && ctx.Err() == nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func (s *storm) make(ctx context.Context, f schedule.Fault) error {
	switch f.Kind {
	case schedule.Kill:
		p := s.w.Process(f.Victim)
		p.Kill()
		s.kills.Add(1)
		time.Sleep(f.Down)
		return p.Launch()
	case schedule.WipeRedis:
		s.wipes.Add(1)
		return s.w.Streams.FlushAll(ctx).Err()
	case schedule.RestartRedis:
		s.restarts.Add(1)
		if err := s.w.Redis.Kill(); err != nil {
			return err
		}
		time.Sleep(f.Down)
		return s.w.Redis.Start(ctx)
	case schedule.CrashPostgres:
		s.crashes.Add(1)
		if err := s.w.Postgres.Kill(); err != nil {
			return err
		}
		time.Sleep(f.Down)
		return s.w.Postgres.Start(ctx)
	default:
		return fmt.Errorf("unknown fault")
	}
}

func (s *storm) String() string {
	return fmt.Sprintf("%d kills, %d wipes and %d restarts of Redis, %d crashes of Postgres", s.kills.Load(), s.wipes.Load(), s.restarts.Load(), s.crashes.Load())
}
