package perform

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/worker/internal/toolbox"
)

// maxTenantLabels bounds the series per metric: later tenants are counted together as "other".
const maxTenantLabels = 200

// R14.2: latency per tool and tenant, errors by kind, cost.
var (
	toolLatency = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "chimera_worker_tool_duration_seconds", Help: "Duration of tool calls, retries included.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
	}, []string{"tool", "tenant"})
	toolErrors = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "chimera_worker_tool_errors_total", Help: "Failed tool calls by kind of error.",
	}, []string{"tool", "tenant", "kind"})
	toolCost = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "chimera_worker_tool_cost_micros_total", Help: "Cost that tools reported, in millionths of the currency unit.",
	}, []string{"tool", "tenant"})
	toolTokens = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "chimera_worker_tool_tokens_total", Help: "Tokens that tools reported.",
	}, []string{"tool", "tenant", "direction"})
	claims = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "chimera_worker_claims_total", Help: "Claims by answer: granted, or the reason of refusal.",
	}, []string{"answer"})
	inFlight = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "chimera_worker_tasks_in_flight", Help: "Tasks claimed and not yet delivered.",
	})
	heartbeatErrors = promauto.NewCounter(prometheus.CounterOpts{
		Name: "chimera_worker_heartbeat_errors_total", Help: "Heartbeat calls that failed.",
	})
)

var tenants = struct {
	sync.Mutex
	seen map[string]bool
}{seen: map[string]bool{}}

func tenantLabel(id string) string {
	tenants.Lock()
	defer tenants.Unlock()
	if !tenants.seen[id] {
		if len(tenants.seen) >= maxTenantLabels {
			return "other"
		}
		tenants.seen[id] = true
	}
	return id
}

func outcomeLabel(o *internalv1.ClaimOutcome) string {
	if o.GetGranted() {
		return "granted"
	}
	return o.GetReason().String()
}

// series are the counters of one tool and tenant that every call moves.
type series struct {
	latency             prometheus.Observer
	cost, input, output prometheus.Counter
}

// bySeries keeps them by tool and tenant label, as many as there are in the registry: finding them by their labels anew for
// each call took a twentieth of the worker's CPU.
var bySeries sync.Map

func seriesOf(tool, tenant string) *series {
	key := [2]string{tool, tenant}
	if s, ok := bySeries.Load(key); ok {
		return s.(*series) //nolint:forcetypeassert // this is the only place that stores
	}
	s, _ := bySeries.LoadOrStore(key, &series{
		latency: toolLatency.WithLabelValues(tool, tenant), cost: toolCost.WithLabelValues(tool, tenant),
		input: toolTokens.WithLabelValues(tool, tenant, "input"), output: toolTokens.WithLabelValues(tool, tenant, "output"),
	})
	return s.(*series) //nolint:forcetypeassert // as above
}

// observe is called for claimed tasks only, so the tool's name is one the orchestrator dispatched.
func observe(t *busv1.Task, a toolbox.Answer, took time.Duration) {
	tool, tenant := t.GetSpec().GetTool(), tenantLabel(t.GetTenantId())
	s := seriesOf(tool, tenant)
	s.latency.Observe(max(took, 0).Seconds())
	if a.Err != nil {
		toolErrors.WithLabelValues(tool, tenant, a.Err.Kind.String()).Inc()
	}
	s.cost.Add(float64(max(a.Report.CostMicros, 0)))
	s.input.Add(float64(max(a.Report.InputTokens, 0)))
	s.output.Add(float64(max(a.Report.OutputTokens, 0)))
}
