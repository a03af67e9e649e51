package boot_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"chimera/services/kit/boot"
	"chimera/services/kit/secret"
)

const canary = "c4nary-0f-this-process"

type stringer struct{ V string }

func (s stringer) String() string { return "stringer " + s.V }

type valuer struct{ v string }

func (v valuer) LogValue() slog.Value { return slog.GroupValue(slog.String("inner", v.v)) }

// urlText marshals as net/url prints it, password included.
type urlText struct{ *url.URL }

func (u urlText) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

type config struct {
	Host   string
	Nested *config
	Creds  map[string]any
	List   []any
}

// R11.4: a known secret leaks nowhere, however deep it is nested. The control proves that each sample would leak.
func TestNoCanaryReachesTheLog(t *testing.T) {
	urlErr := &url.Error{Op: "Get", URL: "https://h.example/p?q=" + url.QueryEscape(canary), Err: errors.New("refused")}
	samples := map[string]slog.Attr{
		"string":         slog.String("v", canary),
		"struct":         slog.Any("v", config{Host: canary}),
		"pointer":        slog.Any("v", &config{Nested: &config{Host: canary}}),
		"map":            slog.Any("v", map[string]any{"a": map[string]string{"b": canary}}),
		"map key":        slog.Any("v", map[string]int{canary: 1}),
		"slice":          slog.Any("v", []any{1, []string{canary}}),
		"struct in list": slog.Any("v", config{List: []any{config{Creds: map[string]any{"x": canary}}}}),
		"error":          slog.Any("err", errors.New("login: "+canary)),
		"wrapped error":  slog.Any("err", fmt.Errorf("a: %w", fmt.Errorf("b: %w", errors.New(canary)))),
		"joined error":   slog.Any("err", errors.Join(errors.New("x"), errors.New(canary))),
		"url.Error":      slog.Any("err", urlErr),
		"http.Header":    slog.Any("v", http.Header{"X-Anything": {canary}}),
		"RawMessage":     slog.Any("v", json.RawMessage(`{"deep":{"k":"`+canary+`"}}`)),
		"json as text":   slog.String("v", `{"k":"`+canary+`"}`),
		"bytes":          slog.Any("v", []byte(canary)),
		"stringer":       slog.Any("v", stringer{canary}),
		"%v":             slog.String("v", fmt.Sprintf("%+v", struct{ hidden stringer }{stringer{canary}})),
		"group":          slog.Group("g", slog.Group("h", slog.Any("v", []string{canary}))),
		"LogValuer":      slog.Any("v", valuer{canary}),
		"basic auth":     slog.String("v", "Basic "+base64.StdEncoding.EncodeToString([]byte("me:"+canary))),
		"attribute name": slog.String(canary, "v"),
		"url":            slog.Any("v", urlText{&url.URL{Scheme: "https", User: url.UserPassword("u", canary), Host: "h"}}),
	}
	require.GreaterOrEqual(t, len(samples), 12)
	leaked := func(line string) bool {
		b64 := base64.StdEncoding.EncodeToString([]byte(canary))
		return strings.Contains(line, "c4nary") || strings.Contains(line, b64[:12]) || strings.Contains(line, "bWU6YzRuYXJ5")
	}
	for name, attr := range samples {
		t.Run(name, func(t *testing.T) {
			var control bytes.Buffer
			slog.New(slog.NewJSONHandler(&control, nil)).Info("m", attr)
			require.True(t, leaked(control.String()), "the sample does not leak without the scan: %s", control.String())

			var out bytes.Buffer
			var known secret.Set
			known.Add(canary)
			boot.Logger(&out, slog.LevelInfo, "svc", &known).Info("m", attr)
			require.False(t, leaked(out.String()), out.String())
			line(t, &out)
		})
	}
	t.Run("message", func(t *testing.T) {
		var out bytes.Buffer
		var known secret.Set
		known.Add(canary)
		boot.Logger(&out, slog.LevelInfo, "svc", &known).With("w", canary).WithGroup(canary).Info("m "+canary, "k", canary)
		require.False(t, leaked(out.String()), out.String())
	})
}

// R14.1: the ids stand at the top level of every line, also below groups, and the level holds.
func TestLineCarriesIDs(t *testing.T) {
	var out bytes.Buffer
	log := boot.Logger(&out, slog.LevelInfo, "worker", &secret.Set{})
	traceID := trace.TraceID{1, 2, 3}
	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: trace.SpanID{1}}))
	ctx = boot.WithIDs(ctx, boot.IDs{Tenant: "t", Task: "k"})
	ctx = boot.WithIDs(ctx, boot.IDs{Campaign: "c", Agent: "a", Request: "r"})

	log.DebugContext(ctx, "too quiet")
	require.Zero(t, out.Len())
	log.With("before", 1).WithGroup("g").With("within", 2).WithGroup("h").InfoContext(ctx, "m", "k", "v")
	got := line(t, &out)
	for key, want := range map[string]any{
		"service": "worker", "level": "INFO", "msg": "m", "tenant_id": "t", "campaign_id": "c", "agent_id": "a", "task_id": "k",
		"request_id": "r", "trace_id": traceID.String(), "before": float64(1),
		"g": map[string]any{"within": float64(2), "h": map[string]any{"k": "v"}},
	} {
		require.Equal(t, want, got[key], key)
	}
	require.Contains(t, got, "time")

	out.Reset()
	log.Info("no ids")
	require.NotContains(t, line(t, &out), "tenant_id")
}

func line(t *testing.T, out *bytes.Buffer) map[string]any {
	t.Helper()
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got), out.String())
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
	return got
}
