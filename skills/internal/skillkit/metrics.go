package skillkit

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// One process is one skill, so these live in the process's own registry. Tool names come from the registry
// of tools, never from a caller, so the number of series is bounded.
var (
	calls = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "chimera_skill_tool_calls_total", Help: "Tool calls by tool and status (ok, error, refused, protocol_error).",
	}, []string{"skill", "tool", "status"})
	latency = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "chimera_skill_tool_duration_seconds", Help: "Duration of tool calls.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 60},
	}, []string{"skill", "tool"})
	limited = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "chimera_skill_rate_limited_total", Help: "Tool calls refused by a rate limit.",
	}, []string{"skill", "tool"})
	violations = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "chimera_skill_violations_total", Help: "Effects refused for want of a valid grant.",
	}, []string{"skill", "tool"})
)

func observe(skill, tool, status string, took time.Duration) {
	calls.WithLabelValues(skill, tool, status).Inc()
	// A clock that jumps back must not yield a negative observation.
	latency.WithLabelValues(skill, tool).Observe(max(took, 0).Seconds())
}
