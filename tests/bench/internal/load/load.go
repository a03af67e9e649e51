// Package load does the work that is measured: through the public API, checked against the database.
package load

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"chimera/tests/bench/internal/stage"
)

const (
	pollEvery = 100 * time.Millisecond
	// drafters prepare at once.
	drafters = 8
)

// Plan is one drafted campaign and when it was submitted.
type Plan struct {
	Tenant *stage.Tenant
	ID     string
	// Due is when it was to be submitted; Acknowledged when the submission had been answered.
	Due, Acknowledged time.Time
}

// Draft makes n campaigns of a playbook, spread over the tenants. That is preparation, not the work.
func Draft(ctx context.Context, tenants []*stage.Tenant, playbook string, n int) ([]*Plan, error) {
	plans := make([]*Plan, n)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(drafters)
	for i := range plans {
		t := tenants[i%len(tenants)]
		g.Go(func() error {
			id, err := t.Draft(ctx, playbook)
			plans[i] = &Plan{Tenant: t, ID: id}
			return err
		})
	}
	return plans, g.Wait()
}

// Submit starts the campaign.
func (p *Plan) Submit(ctx context.Context, due time.Time) error {
	p.Due = due
	err := p.Tenant.Submit(ctx, p.ID)
	p.Acknowledged = time.Now()
	return err
}

// Submissions are the plans as work.
func Submissions(plans []*Plan) []Submitter {
	work := make([]Submitter, len(plans))
	for i, p := range plans {
		work[i] = p.Submit
	}
	return work
}

// Await waits until no campaign of the plans runs any more, at most for limit, and fails when one did not complete.
func Await(ctx context.Context, s *stage.Stage, plans []*Plan, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ids := IDs(plans)
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		var running, completed int
		err := s.Database.QueryRow(ctx, "select count(*) filter (where state = 'running'), count(*) filter (where state = 'completed') from campaigns where id = any($1::uuid[])", ids).Scan(&running, &completed)
		if err != nil {
			return fmt.Errorf("%d campaigns run, %d are complete: %w", running, completed, err)
		}
		if running == 0 {
			if completed != len(plans) {
				return fmt.Errorf("%d of %d campaigns completed: see the logs", completed, len(plans))
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d campaigns still run after %s", running, len(plans), limit)
		case <-ticker.C:
		}
	}
}

// IDs are the plans' campaigns.
func IDs(plans []*Plan) []string {
	ids := make([]string, len(plans))
	for i, p := range plans {
		ids[i] = p.ID
	}
	return ids
}
