package orchestrator

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chimera/services/internal/bus"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/memory"
	"chimera/services/orchestrator/internal/store"
)

// health tells how the parts are, each in a sentence: the Platform shows it.
func health(st *store.Store, b *bus.Bus, mem *memory.Memory) func(context.Context) []api.PartHealth {
	return func(ctx context.Context) []api.PartHealth {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		parts := []api.PartHealth{{Part: "postgres", OK: true, Detail: "answers and takes writes"}}
		if err := st.Ping(ctx); err != nil {
			parts[0] = api.PartHealth{Part: "postgres", Detail: "does not answer, or takes no writes"}
		}
		redis := api.PartHealth{Part: "redis", OK: true, Detail: "answers and keeps what it is given"}
		if err := b.Healthy(ctx); err != nil {
			redis = api.PartHealth{Part: "redis", Detail: errs.As(err).Public + "; work waits in Postgres until it is back"}
		}
		parts = append(parts, redis)
		ok, detail := mem.Healthy(ctx)
		return append(parts, api.PartHealth{Part: "memory", OK: ok, Detail: detail})
	}
}

// queueCollector counts open tasks per tenant and state at scrape time (R14.2). Tenants are capped, so that a
// fleet of thousands does not become thousands of series.
type queueCollector struct {
	store *store.Store
	desc  *prometheus.Desc
	log   *slog.Logger
}

// maxSeriesTenants is how many tenants get series of their own; the deepest queues come first.
const maxSeriesTenants = 200

func newQueueCollector(st *store.Store, log *slog.Logger) *queueCollector {
	return &queueCollector{
		store: st, log: log,
		desc: prometheus.NewDesc("chimera_tasks", "Tasks that have not ended, by tenant and state; the reviews people have yet to do are state awaiting_review.", []string{"tenant", "state"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (q *queueCollector) Describe(ch chan<- *prometheus.Desc) { ch <- q.desc }

// Collect implements prometheus.Collector.
func (q *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	depths, err := q.store.OpenTaskCounts(ctx, maxSeriesTenants)
	if err != nil {
		q.log.WarnContext(ctx, "queue depths could not be counted", "error", err)
		ch <- prometheus.NewInvalidMetric(q.desc, fmt.Errorf("count tasks: %w", err))
		return
	}
	for _, d := range depths {
		ch <- prometheus.MustNewConstMetric(q.desc, prometheus.GaugeValue, float64(d.N), d.Tenant, d.State)
	}
}
