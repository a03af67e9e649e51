package boot_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"

	"chimera/services/kit/boot"
	"chimera/services/kit/secret"
)

func TestSpansReachTheFileWithoutSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.jsonl")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("CHIMERA_TRACE_FILE", file)
	shutdown, err := boot.Telemetry(context.Background(), "svc-a")
	require.NoError(t, err)
	secret.New("span-canary-1")

	ctx, span := otel.Tracer("t").Start(context.Background(), "call span-canary-1")
	span.SetAttributes(attribute.String("url", "https://h/?token=abcd1234"), attribute.StringSlice("list", []string{"span-canary-1"}), attribute.Int("n", 7))
	span.RecordError(errors.New("refused span-canary-1"))
	span.SetStatus(codes.Error, "span-canary-1")
	var out bytes.Buffer
	boot.Logger(&out, slog.LevelInfo, "svc-a", &secret.Set{}).InfoContext(ctx, "in the span")
	require.Equal(t, span.SpanContext().TraceID().String(), line(t, &out)["trace_id"])
	header := http.Header{}
	otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(header))
	require.Contains(t, header.Get("traceparent"), span.SpanContext().TraceID().String())
	span.End()
	require.NoError(t, shutdown(context.Background()))

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "svc-a")
	require.Contains(t, string(text), span.SpanContext().TraceID().String())
	require.Contains(t, string(text), `"Value":7`)
	require.NotContains(t, string(text), "canary")
	require.NotContains(t, string(text), "abcd1234")
}

func TestSpansReachACollector(t *testing.T) {
	got := make(chan int, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/v1/traces" {
			select {
			case got <- len(b):
			default:
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	shutdown, err := boot.Telemetry(context.Background(), "svc-b")
	require.NoError(t, err)
	_, span := otel.Tracer("t").Start(context.Background(), "op")
	span.End()
	require.NoError(t, shutdown(context.Background()))
	require.Positive(t, <-got)
}

func TestWithoutExporterIDsStillTravel(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("CHIMERA_TRACE_FILE", "")
	shutdown, err := boot.Telemetry(context.Background(), "svc-c")
	require.NoError(t, err)
	_, span := otel.Tracer("t").Start(context.Background(), "op")
	require.True(t, span.SpanContext().IsValid())
	require.NoError(t, shutdown(context.Background()))
}

func TestTelemetryRefusesAFileItCannotWrite(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("CHIMERA_TRACE_FILE", filepath.Join(t.TempDir(), "absent", "x"))
	_, err := boot.Telemetry(context.Background(), "svc-d")
	require.ErrorContains(t, err, "CHIMERA_TRACE_FILE")
}
