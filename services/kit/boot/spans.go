package boot

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"chimera/services/kit/secret"
)

// scannedSpans keeps secrets out of what is traced: a URL or an error recorded on a span leaks as a log line does.
type scannedSpans struct {
	sdktrace.SpanExporter
	secrets *secret.Set
}

func (s scannedSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	out := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		out[i] = scannedSpan{span, s.secrets}
	}
	return s.SpanExporter.ExportSpans(ctx, out)
}

type scannedSpan struct {
	sdktrace.ReadOnlySpan
	secrets *secret.Set
}

func (s scannedSpan) Name() string { return s.secrets.RedactString(s.ReadOnlySpan.Name()) }

func (s scannedSpan) Attributes() []attribute.KeyValue { return s.scan(s.ReadOnlySpan.Attributes()) }

func (s scannedSpan) Events() []sdktrace.Event {
	events := append([]sdktrace.Event(nil), s.ReadOnlySpan.Events()...)
	for i := range events {
		events[i].Name = s.secrets.RedactString(events[i].Name)
		events[i].Attributes = s.scan(events[i].Attributes)
	}
	return events
}

func (s scannedSpan) Status() sdktrace.Status {
	status := s.ReadOnlySpan.Status()
	status.Description = s.secrets.RedactString(status.Description)
	return status
}

func (s scannedSpan) scan(attrs []attribute.KeyValue) []attribute.KeyValue {
	out := append([]attribute.KeyValue(nil), attrs...)
	for i, a := range out {
		switch a.Value.Type() {
		case attribute.STRING:
			out[i].Value = attribute.StringValue(s.secrets.RedactString(a.Value.AsString()))
		case attribute.STRINGSLICE:
			texts := a.Value.AsStringSlice()
			for j := range texts {
				texts[j] = s.secrets.RedactString(texts[j])
			}
			out[i].Value = attribute.StringSliceValue(texts)
		}
	}
	return out
}
