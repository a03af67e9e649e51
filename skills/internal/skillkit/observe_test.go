package skillkit_test

import (
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"chimera/skills/internal/skillkit"
)

func TestCallJoinsTheCallersTrace(t *testing.T) { // R14.4
	spans := tracetest.NewInMemoryExporter()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	h := newRig(t)
	meta, err := h.Task.Meta()
	require.NoError(t, err)
	meta["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	_, err = h.Session.CallTool(t.Context(), &mcp.CallToolParams{Meta: meta, Name: "echo", Arguments: sayIn{Text: "x"}})
	require.NoError(t, err)
	var found bool
	for _, s := range spans.GetSpans() {
		if s.Name == "tools/call fixture.echo" {
			found = true
			require.Equal(t, "0af7651916cd43dd8448eb211c80319c", s.SpanContext.TraceID().String())
			require.Equal(t, "b7ad6b7169203331", s.Parent.SpanID().String())
		}
	}
	require.True(t, found)
}

func TestCallsAreCounted(t *testing.T) { // R14.2
	h := newRig(t, func(c *skillkit.Config) { c.RateLimits = "boast=1/h:1" })
	before := count(t, "chimera_skill_rate_limited_total", "boast")
	for range 3 {
		h.Call(t, "boast", sayIn{Text: "x"})
	}
	require.InDelta(t, 2, count(t, "chimera_skill_rate_limited_total", "boast")-before, 0)
	require.Positive(t, count(t, "chimera_skill_tool_calls_total", "boast"))
}

func count(t *testing.T, metric, tool string) (sum float64) {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != metric {
			continue
		}
		for _, m := range f.GetMetric() {
			if labelled(m, tool) {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

func labelled(m *dto.Metric, tool string) bool {
	for _, l := range m.GetLabel() {
		if l.GetName() == "tool" && l.GetValue() == tool {
			return true
		}
	}
	return false
}
