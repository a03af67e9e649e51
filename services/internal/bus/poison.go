package bus

import (
	"context"
	"errors"

	"github.com/ThreeDotsLabs/watermill/message"

	"chimera/services/kit/errs"
)

// poison ends what cannot be handled: the message goes to its tenant's poison topic and is acknowledged.
func (r *Router) poison(q lane, o Options) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) ([]*message.Message, error) {
			out, err := next(msg)
			if err == nil {
				return out, nil
			}
			a, ctx := arrivalOf(msg), msg.Context()
			a.outcome = r.outcome(ctx, err, a, o)
			log := r.bus.log.With("queue", q.name, "message_id", msg.UUID, "entry_id", a.ID, "deliveries", a.Deliveries, "error", err)
			switch a.outcome {
			case abandoned:
				log.InfoContext(ctx, "stopped in the middle; the message stays pending")
				return nil, err
			case putOff:
				log.WarnContext(ctx, "a part is away; the message is put off")
				return nil, err
			}
			log.ErrorContext(ctx, "message cannot be handled; it goes to the poison queue")
			// A context of its own: the letter must be written though the message's time is up.
			if perr := r.bus.Publish(context.WithoutCancel(ctx), r.bus.letter(q, msg, a, err)); perr != nil {
				a.outcome = putOff
				return nil, errors.Join(err, perr)
			}
			r.bus.metrics.poisoned.WithLabelValues(q.name, errs.ReasonOf(err).String()).Inc()
			return nil, nil
		}
	}
}

// outcome is the filter. A cancelled context or a closing router says nothing about the message: each shutdown
// would poison good work. A part that is away says nothing about it either, unless that never ends.
func (r *Router) outcome(ctx context.Context, err error, a *arrival, o Options) string {
	if ctx.Err() != nil || r.closing.Load() {
		return abandoned
	}
	kind := errs.KindOf(err)
	transient := kind.Retryable() || kind == errs.Cancelled
	if transient && !errors.Is(err, errOwnTime) && a.Deliveries < o.MaxDeliveries {
		return putOff
	}
	return poisoned
}
