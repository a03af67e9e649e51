package bus

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
)

// PoisonLetter is a message that could not be handled, with what a person needs to judge it (R12.3).
type PoisonLetter struct {
	// ID is derived from topic and entry: a letter that comes twice has the same one.
	ID     string
	Tenant tenancy.ID
	// Queue is "task", "result" or "review".
	Queue                                        string
	Topic, EntryID, MessageID, TaskID, RequestID string
	// Kind, Reason and Message are the error's, without its cause, which only the log has (by message_id).
	Kind, Reason, Message string
	// Metadata as it came; not to be believed where it names a tenant.
	Metadata map[string]string
	// Payload is what came, byte for byte, unless Undecodable: then the first 64 KiB of the entry's fields.
	Payload     []byte
	Undecodable bool
	FailedAt    time.Time
	Deliveries  int64
	Consumer    string
}

// Metadata keys of a letter on its topic. The prefix is ours: senders' keys with it are dropped.
const (
	letterPrefix      = "poison_"
	letterQueue       = letterPrefix + "queue"
	letterTopic       = letterPrefix + "topic"
	letterEntry       = letterPrefix + "entry"
	letterMessageID   = letterPrefix + "message_id"
	letterKind        = letterPrefix + "kind"
	letterReason      = letterPrefix + "reason"
	letterMessage     = letterPrefix + "message"
	letterUndecodable = letterPrefix + "undecodable"
	letterFailedAt    = letterPrefix + "failed_at"
	letterDeliveries  = letterPrefix + "deliveries"
	letterConsumer    = letterPrefix + "consumer"
)

func letterID(topic, entry string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("chimera:poison:"+topic+"/"+entry)).String()
}

// letter addresses the failed message to the poison topic of the tenant whose topic it came on.
func (b *Bus) letter(q lane, msg *message.Message, a *arrival, err error) Envelope {
	e := errs.As(err)
	metadata := sendersOwn(msg.Metadata)
	maps.Copy(metadata, map[string]string{
		letterQueue: q.name, letterTopic: a.Stream, letterEntry: a.ID, letterMessageID: msg.UUID,
		letterKind: e.Kind.String(), letterReason: e.Reason.String(), letterMessage: e.Public,
		letterUndecodable: strconv.FormatBool(a.invalid != ""), letterFailedAt: b.now().UTC().Format(time.RFC3339Nano),
		letterDeliveries: strconv.FormatInt(a.Deliveries, 10), letterConsumer: b.cfg.Consumer,
	})
	return Envelope{id: letterID(a.Stream, a.ID), lane: poisonLane, tenant: a.tenant, metadata: metadata, payload: msg.Payload}
}

func sendersOwn(metadata map[string]string) map[string]string {
	own := make(map[string]string, len(metadata))
	for k, v := range metadata {
		// The second is reserved by the wire format: a sender who sets it must not make the letter unwritable.
		if !strings.HasPrefix(k, letterPrefix) && k != redisstream.UUIDHeaderKey {
			own[k] = v
		}
	}
	return own
}

// openLetter reads a letter back. Anyone could have added the entry: what is missing stays empty, and the
// tenant is the topic's.
func openLetter(msg *message.Message, a *arrival) PoisonLetter {
	get := func(key string) string { return msg.Metadata.Get(key) }
	l := PoisonLetter{
		ID: letterID(get(letterTopic), get(letterEntry)), Tenant: a.tenant, Queue: get(letterQueue),
		Topic: get(letterTopic), EntryID: get(letterEntry), MessageID: get(letterMessageID),
		TaskID: get(keyTask), RequestID: get(keyRequest),
		Kind: get(letterKind), Reason: get(letterReason), Message: get(letterMessage),
		Metadata: sendersOwn(msg.Metadata), Payload: msg.Payload, Undecodable: get(letterUndecodable) != "false",
		Consumer: get(letterConsumer),
	}
	l.FailedAt, _ = time.Parse(time.RFC3339Nano, get(letterFailedAt))
	l.Deliveries, _ = strconv.ParseInt(get(letterDeliveries), 10, 64)
	if tenant, queue, ok := parseTopic(l.Topic); !ok || tenant != a.tenant || queue != l.Queue {
		// Not one of ours: kept for a person to see under the entry it is itself, never to be replayed.
		l.ID, l.Queue, l.Topic, l.EntryID = letterID(a.Stream, a.ID), poisonLane.name, a.Stream, a.ID
		l.MessageID, l.Undecodable = msg.UUID, true
	}
	if l.FailedAt.IsZero() {
		l.FailedAt = entryTime(a.ID)
	}
	return l
}
