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

// Plan is one campaign and when it was submitted.
type Plan struct {
	Tenant *stage.Tenant
	// Playbook is what it is planned by; ID is "" until it is created, which its submission does unless it was drafted.
	Playbook, ID string
	// Due is when it was to be submitted; Acknowledged when the submission had been answered.
	Due, Acknowledged time.Time
}

// Plans are n campaigns to be made by a playbook, spread over the tenants. Nothing of them is stored yet.
func Plans(tenants []*stage.Tenant, playbook string, n int) []*Plan {
	plans := make([]*Plan, n)
	for i := range plans {
		plans[i] = &Plan{Tenant: tenants[i%len(tenants)], Playbook: playbook}
	}
	return plans
}

// Draft makes n campaigns as Plans says and stores them without starting them.
func Draft(ctx context.Context, tenants []*stage.Tenant, playbook string, n int) ([]*Plan, error) {
	plans := Plans(tenants, playbook, n)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(drafters)
	for _, p := range plans {
		g.Go(func() (err error) {
			p.ID, err = p.Tenant.Draft(ctx, playbook)
			return err
		})
	}
	return plans, g.Wait()
}

// Submit makes the campaign and starts it in one call; one that was drafted it starts.
func (p *Plan) Submit(ctx context.Context, due time.Time) (err error) {
	p.Due = due
	if p.ID == "" {
		p.ID, err = p.Tenant.Submit(ctx, p.Playbook)
	} else {
		err = p.Tenant.Start(ctx, p.ID)
	}
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
