package bus

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime/debug"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/gather"
	"chimera/services/kit/errs"
)

// Item is one message of a batch.
type Item[M Message] struct {
	// Ctx is the message's own, with its trace and deadline.
	Ctx      context.Context
	Delivery Delivery
	Message  M
}

// BatchOptions bound a batch subscription. Concurrency bounds what can gather; it should be a few times Max.
type BatchOptions struct {
	Options
	Max int // messages in one batch; 64
	// Lanes is how many batches may be at work at once; 1. A tenant's messages are all in one lane: two batches never
	// wait for each other's rows.
	Lanes int
}

// BatchHandler does many messages' work in one go, and answers nil or one error for each, in order.
type BatchHandler[M Message] func(ctx context.Context, items []Item[M]) []error

// HandleBatch feeds h with what has gathered while the last batch ran; it never waits for more. Every message
// passes the whole chain by itself, so one bad message is poisoned alone.
func HandleBatch[M Message](r *Router, q Queue[M], o BatchOptions, h BatchHandler[M]) {
	o.Options = o.withDefaults()
	work := func(ctx context.Context, items []Item[M]) ([]error, error) {
		answers, err := try(ctx, h, items)
		if err == nil || len(items) == 1 {
			return answers, err
		}
		r.bus.log.ErrorContext(ctx, "batch handler failed by a defect; trying its messages one by one", "queue", q.name, "messages", len(items), "error", err)
		for i := range items {
			one, err := try(ctx, h, items[i:i+1])
			if err != nil {
				one = []error{err}
			}
			answers = append(answers, one...)
		}
		return answers, nil
	}
	lanes := make([]*gather.Gather[Item[M], error], max(1, o.Lanes))
	for i := range lanes {
		lanes[i] = gather.New(gather.Config{Max: o.Max, Timeout: o.Timeout}, work)
	}
	seed := maphash.MakeSeed()
	r.add(q.lane, o.Concurrency, r.chain(q.lane, o.Options), typed(r, q, func(ctx context.Context, d Delivery, m M) error {
		mine, err := lanes[maphash.String(seed, string(d.Scope.Tenant))%uint64(len(lanes))].Do(ctx, Item[M]{ctx, d, m})
		if err != nil {
			return err
		}
		return mine
	}))
}

// try runs h once. err is a defect of the batch as a whole: then nobody can say which message it was, and
// running them one by one keeps the others out of the poison queue.
func try[M Message](ctx context.Context, h BatchHandler[M], items []Item[M]) (answers []error, err error) {
	defer func() {
		if v := recover(); v != nil {
			answers, err = nil, errs.Wrap(fmt.Errorf("panic: %v\n%s", v, debug.Stack()), errs.Internal, typev1.Reason_REASON_INTERNAL, "handling the message failed by a defect")
		}
	}()
	answers = h(ctx, items)
	switch len(answers) {
	case len(items):
		return answers, nil
	case 0:
		return make([]error, len(items)), nil
	}
	return nil, errs.Wrap(fmt.Errorf("%d answers to %d messages", len(answers), len(items)), errs.Internal, typev1.Reason_REASON_INTERNAL, "handling the message failed by a defect")
}
