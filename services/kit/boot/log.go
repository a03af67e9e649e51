package boot

import (
	"context"
	"io"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"

	"chimera/services/kit/secret"
)

// Logger writes one JSON object per line with time, level, msg, service, and the ids and trace of the context
// it is called with (R14.1). Every line is scanned for secrets after it is encoded (R11.4).
func Logger(w io.Writer, level slog.Leveler, service string, secrets *secret.Set) *slog.Logger {
	encoder := slog.NewJSONHandler(scanned{w, secrets}, &slog.HandlerOptions{Level: level}).
		WithAttrs([]slog.Attr{slog.String("service", service)})
	return slog.New(idHandler{Handler: encoder, top: encoder})
}

// scanned relies on slog's JSON handler writing each record with exactly one Write, under a lock.
type scanned struct {
	w       io.Writer
	secrets *secret.Set
}

func (s scanned) Write(line []byte) (int, error) {
	if _, err := s.w.Write(s.secrets.Redact(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// idHandler adds the context's ids at the top level of a line, also for a logger that has opened a group.
type idHandler struct {
	slog.Handler
	top   slog.Handler                      // as it was before the first group
	since []func(slog.Handler) slog.Handler // the groups and attributes added from then on
}

func (h idHandler) Handle(ctx context.Context, r slog.Record) error {
	ids := IDsFrom(ctx).attrs()
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		ids = append(ids, slog.String("trace_id", span.TraceID().String()))
	}
	if len(ids) == 0 {
		return h.Handler.Handle(ctx, r)
	}
	out := h.top.WithAttrs(ids)
	for _, again := range h.since {
		out = again(out)
	}
	return out.Handle(ctx, r)
}

func (h idHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func(in slog.Handler) slog.Handler { return in.WithAttrs(attrs) }, len(h.since) > 0)
}

func (h idHandler) WithGroup(name string) slog.Handler {
	return h.with(func(in slog.Handler) slog.Handler { return in.WithGroup(name) }, name != "")
}

func (h idHandler) with(step func(slog.Handler) slog.Handler, grouped bool) slog.Handler {
	next := idHandler{Handler: step(h.Handler), top: h.top, since: h.since}
	if grouped {
		next.since = append(slices.Clip(h.since), step)
	} else {
		next.top = next.Handler
	}
	return next
}
