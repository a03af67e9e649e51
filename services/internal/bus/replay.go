package bus

import (
	"context"
	"slices"

	"github.com/ThreeDotsLabs/watermill/message"
	"google.golang.org/protobuf/proto"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// letterSlots is few: a letter is one insert, and letters are rare.
const letterSlots = 4

// ConsumePoison hands every tenant's letters to sink, at least once: sink must know a letter again by its
// ID. A letter that sink refuses stays and comes again after ReclaimAfter, for ever; it is never poisoned
// itself. One process kind does this, the orchestrator.
func ConsumePoison(r *Router, sink func(context.Context, PoisonLetter) error) {
	layers := []layer{{"recover", r.recoverLast(poisonLane)}, {"telemetry", r.telemetry(poisonLane)}}
	r.add(poisonLane, letterSlots, layers, func(msg *message.Message) error {
		ctx, cancel := context.WithTimeout(msg.Context(), defaultTimeout)
		defer cancel()
		a := arrivalOf(msg)
		l := openLetter(msg, a)
		if err := sink(ctx, l); err != nil {
			a.outcome = putOff
			r.bus.log.WarnContext(ctx, "poison letter could not be stored; it stays", "tenant_id", string(l.Tenant), "letter_id", l.ID, "error", err)
			return err
		}
		return nil
	})
}

// Replay puts the letter's message back on its topic as it came. That it happens once is for the caller's
// store to hold. Errors: Invalid for a letter that holds no message of ours; else Publish's.
func (b *Bus) Replay(ctx context.Context, l PoisonLetter) error {
	tenant, queue, ok := parseTopic(l.Topic)
	work := []lane{Tasks.lane, Results.lane, Reviews.lane}
	i := slices.IndexFunc(work, func(q lane) bool { return q.name == queue })
	if l.Undecodable || !ok || tenant != l.Tenant || i < 0 {
		return errs.New(errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the letter holds no message that could be replayed; discard it")
	}
	return b.Publish(ctx, Envelope{id: l.MessageID, lane: work[i], tenant: tenant, metadata: sendersOwn(l.Metadata), payload: l.Payload})
}

// Decode reads the message in a letter, for people to look at. Errors: Invalid.
func Decode(l PoisonLetter) (proto.Message, error) {
	known := []proto.Message{Tasks.blank(), Results.blank(), Reviews.blank()}
	i := slices.IndexFunc(known, func(m proto.Message) bool {
		return string(m.ProtoReflect().Descriptor().FullName()) == l.Metadata[keyType]
	})
	if i < 0 || l.Undecodable {
		return nil, errs.New(errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the letter holds no message that could be read")
	}
	m := known[i]
	if err := proto.Unmarshal(l.Payload, m); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the letter holds no message that could be read")
	}
	return m, nil
}
