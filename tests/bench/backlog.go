package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"chimera/tests/bench/internal/load"
	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/stage"
)

// fillLimit bounds how long making a backlog may take.
const fillLimit = 10 * time.Minute

// openReviews lets the judge doubt n tasks of a tenant, and reads the list of what waits for a person.
func openReviews(ctx context.Context, s *stage.Stage, t *stage.Tenant, n int, span time.Duration) (measure.Reads, error) {
	say("making %d open reviews", n)
	only := []*stage.Tenant{t}
	plans := load.Plans(only, stage.Playbook(stage.Hundred, stage.Doubtful), max(1, n/100))
	if err := load.All(ctx, load.Submissions(plans), 2); err != nil {
		return measure.Reads{}, err
	}
	err := until(ctx, s, "select count(*) from reviews where tenant_id = $1 and state = 'open'", t.ID, len(plans)*100)
	if err != nil {
		return measure.Reads{}, err
	}
	list := measure.Calls(t, plans[0].ID)[4:5]
	return measure.Read(ctx, s, list, 10, span)
}

// queue starts plans whose tasks nobody performs.
func queue(ctx context.Context, s *stage.Stage, plans []*load.Plan) error {
	say("queueing %d tasks", len(plans)*100)
	begin := time.Now()
	if err := load.All(ctx, load.Submissions(plans), 4); err != nil {
		return err
	}
	say("queued in %s", time.Since(begin).Round(time.Second))
	// As autovacuum would soon: both phases are read with statistics that are true.
	_, err := s.Database.Exec(ctx, "analyze") //nolint:misspell // SQL's word
	return err
}

func until(ctx context.Context, s *stage.Stage, query, tenant string, want int) error {
	ctx, cancel := context.WithTimeout(ctx, fillLimit)
	defer cancel()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		var have int
		if err := s.Database.QueryRow(ctx, query, tenant).Scan(&have); err != nil {
			return fmt.Errorf("%d of %d: %w", have, want, err)
		}
		if have >= want {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d: %w", have, want, ctx.Err())
		case <-ticker.C:
		}
	}
}

// plant counts the backlog beside the reads, again and again.
func plant(ctx context.Context, s *stage.Stage, read func(context.Context) (measure.Reads, error)) (out measure.Reads, err error) {
	g, ctx := errgroup.WithContext(ctx)
	counting, stop := context.WithCancel(ctx)
	g.Go(func() error {
		ticker := time.NewTicker(plantedEvery)
		defer ticker.Stop()
		for {
			select {
			case <-counting.Done():
				return nil
			case <-ticker.C:
				if _, err := s.Database.Exec(ctx, planted); err != nil {
					return err
				}
			}
		}
	})
	g.Go(func() error {
		defer stop()
		out, err = read(ctx)
		return err
	})
	return out, g.Wait()
}
