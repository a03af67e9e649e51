package measure

import (
	"context"
	"sync"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/load"
	"chimera/tests/bench/internal/stage"
	"chimera/tests/bench/internal/stats"
)

// Call is one read of the API.
type Call struct {
	Name string
	Do   func(ctx context.Context) error
}

// Calls are what an open cockpit asks, over and over. campaign is one of the tenant's that has been started.
func Calls(t *stage.Tenant, campaign string) []Call {
	return []Call{
		{"GetCampaign", func(ctx context.Context) error {
			_, err := t.Campaigns.GetCampaign(ctx, &platformv1.GetCampaignRequest{CampaignId: campaign})
			return err
		}},
		{"ListCampaigns", func(ctx context.Context) error {
			_, err := t.Campaigns.ListCampaigns(ctx, &platformv1.ListCampaignsRequest{})
			return err
		}},
		{"GetPlan", func(ctx context.Context) error {
			_, err := t.Plans.GetPlan(ctx, &platformv1.GetPlanRequest{CampaignId: campaign})
			return err
		}},
		{"ListTasks", func(ctx context.Context) error {
			_, err := t.Plans.ListTasks(ctx, &platformv1.ListTasksRequest{})
			return err
		}},
		{"ListReviews", func(ctx context.Context) error {
			_, err := t.Reviews.ListReviews(ctx, &platformv1.ListReviewsRequest{State: platformv1.ReviewState_REVIEW_STATE_OPEN})
			return err
		}},
		{"GetSystemStatus", func(ctx context.Context) error {
			_, err := t.System.GetSystemStatus(ctx, &platformv1.GetSystemStatusRequest{})
			return err
		}},
	}
}

// Reads is how the calls were answered; All over all of them.
type Reads struct {
	P50, P95 map[string]time.Duration
	P99      time.Duration // of all
	Cost     counts.Cost
	N        int
}

// Result is the reads as a row of the table: a call counts as a task.
func (r Reads) Result() Result {
	return Result{Plans: r.N, Tasks: r.N, Elapsed: r.Cost.Wall, P50: r.P50[All], P99: r.P99, Cost: r.Cost}
}

// All names the figures over all calls together.
const All = "all"

// CPUPerCall is milliseconds of CPU of ours, PostgreSQL and Redis.
func (r Reads) CPUPerCall() float64 { return float64(r.Cost.CPU.Measured()) / 1e6 / float64(r.N) }

// Read asks the calls in turn at a rate, calls a second, in an open loop, for a time. Latency is from when a call was
// due.
func Read(ctx context.Context, s *stage.Stage, calls []Call, rate float64, span time.Duration) (Reads, error) {
	var mu sync.Mutex
	latency := map[string][]time.Duration{}
	work := make([]load.Submitter, int(rate*span.Seconds()))
	for i := range work {
		c := calls[i%len(calls)]
		work[i] = func(ctx context.Context, due time.Time) error {
			err := c.Do(ctx)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			latency[c.Name] = append(latency[c.Name], took)
			latency[All] = append(latency[All], took)
			return err
		}
	}
	cost, err := measured(ctx, Ours{Stage: s}.sources(), false, func() error { return load.At(ctx, work, rate) })
	out := Reads{P50: map[string]time.Duration{}, P95: map[string]time.Duration{}, Cost: cost, N: len(work)}
	for name, all := range latency {
		out.P50[name], out.P95[name] = stats.Percentile(all, 0.5), stats.Percentile(all, 0.95)
	}
	out.P99 = stats.Percentile(latency[All], 0.99)
	return out, err
}
