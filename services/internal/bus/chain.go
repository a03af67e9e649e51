package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/boot"
	"chimera/services/kit/errs"
)

// layer is one middleware with its name, outermost first.
type layer struct {
	name string
	wrap message.HandlerMiddleware
}

// chain is the one order; each place has its reason.
func (r *Router) chain(q lane, o Options) []layer {
	return []layer{
		// Outermost: a defect in any layer must cost one message's delivery, never the process.
		{"recover", r.recoverLast(q)},
		// Around poison, so that a poisoned message is seen as such, and its publish is in the trace.
		{"telemetry", r.telemetry(q)},
		// Outside all that can fail on purpose: whatever they answer ends here, so nothing loops.
		{"poison", r.poison(q, o)},
		// Inside poison, so that a forged message is poisoned; outside retry, as no retry makes it honest.
		{"scope", r.scope(q)},
		// Inside poison: only what still fails after it is poisoned.
		{"retry", r.retry(q, o)},
		// Inside retry, so that tries count against the ceiling as well.
		{"throttle", r.throttle},
		// Just outside timeout, which leaves its dead context on the message: without this layer neither
		// retry nor poison would act again, and the message would run for ever.
		{"restore context", restoreContext},
		// Innermost: the time is the handler's own, without waiting for others.
		{"timeout", middleware.Timeout(o.Timeout)},
	}
}

func (r *Router) recoverLast(q lane) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) (out []*message.Message, err error) {
			defer func() {
				if v := recover(); v != nil {
					r.bus.log.ErrorContext(msg.Context(), "bus middleware panicked; the message stays pending",
						"queue", q.name, "message_id", msg.UUID, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
					err = fmt.Errorf("bus: middleware panicked: %v", v)
				}
			}()
			return next(msg)
		}
	}
}

// scope makes the message's tenant, by the topic it came on: whoever can add to a topic can write anything
// into the metadata, and a body is checked against the topic once it is decoded.
func (r *Router) scope(q lane) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) ([]*message.Message, error) {
			a := arrivalOf(msg)
			if a.invalid != "" {
				return nil, errs.Wrap(errors.New(a.invalid), errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the entry is no message")
			}
			if msg.Metadata.Get(keyTenant) != string(a.tenant) {
				return nil, forged("metadata")
			}
			msg.SetContext(boot.WithIDs(msg.Context(), boot.IDs{
				Tenant: string(a.tenant), Task: msg.Metadata.Get(keyTask), Request: msg.Metadata.Get(keyRequest),
			}))
			return next(msg)
		}
	}
}

func forged(where string) error {
	return errs.New(errs.Denied, typev1.Reason_REASON_PERMISSION_DENIED, "the message names another tenant than its topic").With("where", where)
}

// maxRetryWait bounds the sleep of a handler that holds a slot; what must wait longer belongs in Postgres.
const maxRetryWait = 2 * time.Second

// maxRetrying is how long all tries of one delivery may take; a try that is under way is not cut short.
const maxRetrying = 10 * time.Second

// retry makes Watermill's only of what has failed once: made of every message it was a tenth of a handler's allocations.
func (r *Router) retry(q lane, o Options) message.HandlerMiddleware {
	shouldRetry := func(p middleware.RetryParams) bool {
		e := errs.As(p.Err)
		again := (e.Kind.Retryable() || e.Kind == errs.Conflict) && e.RetryAfter <= maxRetryWait && !errors.Is(p.Err, errOwnTime)
		if again && p.RetryNum < o.Retries {
			r.bus.metrics.retries.WithLabelValues(q.name).Inc()
		}
		return again
	}
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) ([]*message.Message, error) {
			if err := msg.Context().Err(); err != nil {
				return nil, err
			}
			start := time.Now()
			out, err := next(msg)
			if err == nil {
				return out, nil
			}
			tried := false
			return middleware.Retry{
				MaxRetries:      o.Retries,
				InitialInterval: 50 * time.Millisecond, MaxInterval: maxRetryWait, Multiplier: 2, RandomizationFactor: 0.5,
				MaxElapsedTime: max(maxRetrying-time.Since(start), time.Nanosecond),
				ShouldRetry:    shouldRetry,
			}.Middleware(func(msg *message.Message) ([]*message.Message, error) {
				if !tried {
					tried = true
					return out, err
				}
				return next(msg)
			})(msg)
		}
	}
}

// throttle is the ceiling of the whole process. Not Watermill's: that is a ticker which ignores the context.
func (r *Router) throttle(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		if err := r.limiter.Wait(msg.Context()); err != nil {
			return nil, errs.Wrap(err, errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "the process is at its ceiling")
		}
		return next(msg)
	}
}

// errOwnTime marks that the handler used up its own time: more tries would take as long and end the same.
var errOwnTime = errors.New("the handler's own time was up")

func restoreContext(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		before := msg.Context()
		out, err := next(msg)
		if err != nil && before.Err() == nil && errors.Is(msg.Context().Err(), context.DeadlineExceeded) {
			err = errs.Wrap(errors.Join(errOwnTime, err), errs.Timeout, typev1.Reason_REASON_TIMEOUT, "handling took longer than allowed")
		}
		msg.SetContext(before)
		return out, err
	}
}
