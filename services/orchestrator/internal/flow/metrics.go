package flow

import (
	"github.com/prometheus/client_golang/prometheus"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/orchestrator/internal/store"
)

// Metrics are the path's own (R14.2). Labels come from closed lists, never from users' text.
type Metrics struct {
	results  *prometheus.CounterVec
	verdicts *prometheus.CounterVec
	poisoned *prometheus.CounterVec
	cost     *prometheus.CounterVec
	tokens   *prometheus.CounterVec
	stale    prometheus.Counter
}

// NewMetrics registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		results:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chimera_results_total", Help: "Results by status, error reason and tool."}, []string{"status", "reason", "tool"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chimera_verdicts_total", Help: "Judge verdicts."}, []string{"verdict"}),
		poisoned: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chimera_dead_letters_total", Help: "Messages that could not be handled, by queue."}, []string{"queue"}),
		cost:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chimera_cost_micros_total", Help: "Cost of tool calls in millionths of a currency unit, by tool."}, []string{"tool"}),
		tokens:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chimera_tokens_total", Help: "Model tokens by direction."}, []string{"direction"}),
		stale:    prometheus.NewCounter(prometheus.CounterOpts{Name: "chimera_stale_total", Help: "Results and verdicts refused because something newer had happened."}),
	}
	reg.MustRegister(m.results, m.verdicts, m.poisoned, m.cost, m.tokens, m.stale)
	return m
}

func (m *Metrics) result(r *busv1.Result, t store.Task) {
	m.results.WithLabelValues(r.GetStatus().String(), r.GetError().GetReason().String(), t.Tool).Inc()
	m.cost.WithLabelValues(t.Tool).Add(float64(r.GetUsage().GetCostMicros()))
	m.tokens.WithLabelValues("input").Add(float64(r.GetUsage().GetInputTokens()))
	m.tokens.WithLabelValues("output").Add(float64(r.GetUsage().GetOutputTokens()))
}

func (m *Metrics) verdict(d *busv1.ReviewDecision) {
	m.verdicts.WithLabelValues(d.GetVerdict().String()).Inc()
}
