package bus

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"google.golang.org/protobuf/proto"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/rules"
)

const defaultTimeout = 30 * time.Second

// Options bound one subscription; zero values take the defaults named.
type Options struct {
	// Concurrency is how many messages are in hand at once, waiting for retries included; 8.
	Concurrency int
	// Timeout of one handler run; its context ends then. 30 s.
	Timeout time.Duration
	// Retries of one delivery for errors that may pass; 3. Negative means none.
	Retries int
	// MaxDeliveries is how often a message may come back because a part was away before it is poisoned; 20.
	MaxDeliveries int64
}

func (o Options) withDefaults() Options {
	if o.Concurrency <= 0 {
		o.Concurrency = 8
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	switch {
	case o.Retries == 0:
		o.Retries = 3
	case o.Retries < 0:
		o.Retries = 0
	}
	if o.MaxDeliveries <= 0 {
		o.MaxDeliveries = 20
	}
	return o
}

// Handler does one message's work; the message is decoded, valid, and of the tenant in d.Scope. What its
// error does: Throttled, Unavailable, Timeout and Conflict are tried again at once a few times; if a part is
// still away the message is put off, if it still conflicts, or for any other kind or a panic, it is poisoned.
type Handler[M Message] func(ctx context.Context, d Delivery, m M) error

// Handle feeds h from all tenants' topics of q. Before Run.
func Handle[M Message](r *Router, q Queue[M], o Options, h Handler[M]) {
	o = o.withDefaults()
	r.add(q.lane, o.Concurrency, r.chain(q.lane, o), typed(r, q, h))
}

// typed turns bytes into a message that can be trusted to be well-formed, and a handler's panic into an error.
func typed[M Message](r *Router, q Queue[M], h Handler[M]) func(*message.Message) error {
	name := string(q.blank().ProtoReflect().Descriptor().FullName())
	return func(msg *message.Message) (err error) {
		ctx, a := msg.Context(), arrivalOf(msg)
		defer func() {
			if v := recover(); v != nil {
				r.bus.log.ErrorContext(ctx, "handler panicked", "queue", q.name, "message_id", msg.UUID, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				err = errs.Wrap(fmt.Errorf("panic: %v", v), errs.Internal, typev1.Reason_REASON_INTERNAL, "handling the message failed by a defect")
			}
		}()
		if msg.Metadata.Get(keyType) != name {
			return errs.New(errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the topic carries "+name+" only")
		}
		m := q.blank()
		if err := proto.Unmarshal(msg.Payload, m); err != nil {
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the payload is no "+name)
		}
		if m.GetTenantId() != string(a.tenant) {
			return forged("body")
		}
		if err := rules.Check(m); err != nil {
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the message breaks its rules: "+err.Error())
		}
		return h(ctx, a.delivery(msg, q.lane), m)
	}
}

// blank makes a new message of the queue's type.
func (q Queue[M]) blank() M {
	var none M
	m, _ := none.ProtoReflect().Type().New().Interface().(M)
	return m
}
