package e2e_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

func hexID(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw)
	return hex.EncodeToString(raw)
}

// oneTrace: the caller's trace id goes through RPC, bus, worker and MCP to the platform's own record (R14.1).
func oneTrace(t *testing.T, w *world.World) {
	trace, root := hexID(16), hexID(8)
	r := w.Prepare(t, world.Options{})
	r.Start(t, world.WithHeader(t.Context(), "Traceparent", "00-"+trace+"-"+root+"-01"))
	r.ApproveAll(t)
	r.Completed(t)
	var published bool
	for _, q := range w.Sandbox.Requests(t) {
		if q.Op == "post.create" && strings.HasPrefix(q.Traceparent, "00-"+trace) {
			published = true
		}
	}
	require.True(t, published, "the platform saw another trace")
	services := []string{"orchestrator", "worker", "skill-trends", "skill-copywriter", "skill-publisher", "skill-analytics"}
	var found []string
	var all []referee.Span
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) { // spans are written once a second
		all = spans(t, w)
		if found = referee.OneTrace(trace, root, services, all); len(found) == 0 {
			break
		}
	}
	require.Empty(t, found)
	// Planted: without the worker's spans, the skills' hang in the air.
	var cut []referee.Span
	for _, s := range all {
		if s.Service != "worker" {
			cut = append(cut, s)
		}
	}
	require.Contains(t, strings.Join(referee.OneTrace(trace, root, services, cut), "\n"), "no span of worker")
	require.Contains(t, strings.Join(referee.OneTrace(trace, root, services, cut), "\n"), "nobody recorded")
}

func spans(t *testing.T, w *world.World) []referee.Span {
	t.Helper()
	var all []referee.Span
	for _, name := range w.Processes() {
		raw, err := os.ReadFile(w.TraceFile(name))
		require.NoError(t, err)
		lines := bufio.NewScanner(bytes.NewReader(raw))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var s struct {
				Name        string
				SpanContext struct{ TraceID, SpanID string }
				Parent      struct{ SpanID string }
				Resource    []struct {
					Key   string
					Value struct{ Value any }
				}
			}
			if json.Unmarshal(lines.Bytes(), &s) != nil {
				continue // the last line of a process that was killed
			}
			span := referee.Span{Trace: s.SpanContext.TraceID, ID: s.SpanContext.SpanID, Parent: s.Parent.SpanID, Name: s.Name}
			for _, a := range s.Resource {
				if a.Key == "service.name" {
					span.Service, _ = a.Value.Value.(string)
				}
			}
			all = append(all, span)
		}
		require.NoError(t, lines.Err())
	}
	return all
}
