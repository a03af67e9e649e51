package bus

import (
	"github.com/ThreeDotsLabs/watermill/message"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// How a delivery ended; values of the outcome label.
const (
	done      = "done"
	poisoned  = "poisoned"
	putOff    = "put_off"
	abandoned = "abandoned"
)

// telemetry continues the publisher's trace and measures. The tenant is on the span, never a label.
func (r *Router) telemetry(q lane) message.HandlerMiddleware {
	m := r.bus.metrics
	// Once a subscription: finding the tracer again for each message costs as much as its span.
	tracer := otel.Tracer("chimera/bus")
	inHand, lag, handling := m.inHand.WithLabelValues(q.name), m.lag.WithLabelValues(q.name), m.handling.WithLabelValues(q.name)
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) ([]*message.Message, error) {
			a, start := arrivalOf(msg), r.bus.now()
			ctx := otel.GetTextMapPropagator().Extract(msg.Context(), propagation.MapCarrier(msg.Metadata))
			ctx, span := tracer.Start(ctx, "process "+q.name, trace.WithSpanKind(trace.SpanKindConsumer),
				trace.WithAttributes(
					attribute.String("messaging.system", "redis"), attribute.String("messaging.destination.name", q.name),
					attribute.String("messaging.message.id", msg.UUID), attribute.String("chimera.tenant_id", string(a.tenant)),
					attribute.Int64("chimera.deliveries", a.Deliveries),
				))
			defer span.End()
			msg.SetContext(ctx)
			inHand.Inc()
			defer inHand.Dec()
			if at := entryTime(a.ID); !at.IsZero() {
				// Two clocks: a small negative difference is skew.
				lag.Observe(max(0, start.Sub(at).Seconds()))
			}
			a.outcome = done
			out, err := next(msg)
			handling.Observe(r.bus.now().Sub(start).Seconds())
			m.messages.WithLabelValues(q.name, a.outcome).Inc()
			if a.outcome != done {
				span.SetStatus(codes.Error, a.outcome)
			}
			return out, err
		}
	}
}
