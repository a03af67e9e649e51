package skillkit

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// metaCarrier reads W3C trace context from a call's `_meta`, where it travels on every transport (SEP-414).
type metaCarrier map[string]any

func (m metaCarrier) Get(key string) string {
	s, _ := m[key].(string)
	if len(s) > 512 {
		return ""
	}
	return s
}
func (m metaCarrier) Set(key, value string) { m[key] = value }
func (m metaCarrier) Keys() []string        { return []string{"traceparent", "tracestate"} }

func (s *Server) trace(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		ctx = otel.GetTextMapPropagator().Extract(ctx, metaCarrier(inv.req.Params.Meta))
		// The label set stays bounded: an unknown name from outside is no span name.
		name := "unknown"
		if inv.entry != nil {
			name = inv.entry.Name
		}
		ctx, span := s.tracer.Start(ctx, "tools/call "+s.name+"."+name, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		err := next(ctx, inv)
		span.SetAttributes(attribute.String("gen_ai.tool.name", s.name+"."+name), attribute.String("chimera.tenant_id", inv.call.TenantID),
			attribute.String("chimera.task_id", inv.call.TaskID), attribute.Bool("chimera.dry_run", inv.call.DryRun),
			attribute.String("chimera.outcome", string(inv.outcome)))
		if status, reason := inv.status(err); status != statusOK {
			span.SetStatus(codes.Error, reason)
		}
		return err
	}
}
