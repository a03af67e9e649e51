package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"chimera/services/kit/secret"
)

// Telemetry installs the global tracer provider and the W3C propagator. Spans go to OTEL_EXPORTER_OTLP_ENDPOINT
// (OTLP over HTTP), else as JSON lines to the file CHIMERA_TRACE_FILE, else nowhere: they are still made, so
// that trace ids travel and stand in the logs. shutdown flushes; give it a deadline.
func Telemetry(ctx context.Context, service string) (shutdown func(context.Context) error, err error) {
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	exporter, done, err := traceExporter(ctx)
	if err != nil {
		return nil, err
	}
	opts := []sdktrace.TracerProviderOption{sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service)))}
	if exporter != nil {
		opts = append(opts, sdktrace.WithBatcher(scannedSpans{exporter, secret.Process()}, sdktrace.WithBatchTimeout(time.Second)))
	}
	provider := sdktrace.NewTracerProvider(opts...)
	otel.SetTracerProvider(provider)
	return func(ctx context.Context) error { return errors.Join(provider.Shutdown(ctx), done()) }, nil
}

func traceExporter(ctx context.Context) (sdktrace.SpanExporter, func() error, error) {
	nothing := func() error { return nil }
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" {
		exporter, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
		}
		return exporter, nothing, nil
	}
	path := os.Getenv("CHIMERA_TRACE_FILE")
	if path == "" {
		return nil, nothing, nil
	}
	// Appending: the processes of one machine may share a file, each span is one write.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("CHIMERA_TRACE_FILE: %w", err)
	}
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(f))
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return exporter, f.Close, nil
}
