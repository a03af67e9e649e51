package bus

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"

	"chimera/services/internal/bus/internal/lanes"
	"chimera/services/internal/tenancy"
)

// Delivery says what a handler is given and for whom.
type Delivery struct {
	Scope     tenancy.Scope
	MessageID string
	Topic     string
	EntryID   string
	TaskID    string
	// PublishedAt by Redis' clock; zero if the entry's id tells no time.
	PublishedAt time.Time
	// Deliveries counts from 1; more means put off before, or taken over from another consumer.
	Deliveries int64
}

// arrival is what is known of an entry before anything in it is believed. It rides in the message's context
// through the chain, which marks the outcome on it.
type arrival struct {
	lanes.Entry
	tenant tenancy.ID
	// invalid is why the entry is no message; empty if it is one.
	invalid string
	outcome string
}

type arrivalKey struct{}

func arrivalOf(msg *message.Message) *arrival {
	a, _ := msg.Context().Value(arrivalKey{}).(*arrival)
	return a
}

// maxRaw bounds what is kept of an entry that is no message.
const maxRaw = 64 << 10

// decode never fails: an error here would have to stop the whole subscription, or lose the entry unseen. What
// is no message becomes one that is marked invalid, and so meets the poison middleware like any other failure.
func decode(ctx context.Context, e lanes.Entry) *message.Message {
	a := &arrival{Entry: e}
	msg, err := unmarshal(e.Values)
	if err != nil {
		a.invalid = err.Error()
		// The entry's id is the only name it has.
		msg = message.NewMessage(e.Stream+"/"+e.ID, raw(e.Values))
	}
	a.tenant, _, _ = parseTopic(e.Stream)
	msg.SetContext(context.WithValue(ctx, arrivalKey{}, a))
	return msg
}

func unmarshal(values map[string]any) (msg *message.Message, err error) {
	defer func() {
		// The bytes are anyone's, the decoder is not ours.
		if v := recover(); v != nil {
			err = fmt.Errorf("decoding panicked: %v", v)
		}
	}()
	if payload, _ := values["payload"].(string); len(payload) > MaxPayload {
		return nil, fmt.Errorf("payload of %d bytes", len(payload))
	}
	msg, err = redisstream.DefaultMarshallerUnmarshaller{}.Unmarshal(values)
	if err != nil {
		return nil, err
	}
	size := 0
	for k, v := range msg.Metadata {
		size += len(k) + len(v)
	}
	if size > maxRaw || msg.UUID == "" || len(msg.UUID) > 128 {
		return nil, fmt.Errorf("metadata of %d bytes, id of %d", size, len(msg.UUID))
	}
	return msg, nil
}

func raw(values map[string]any) []byte {
	var s strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value, _ := values[key].(string)
		room := maxRaw - s.Len()
		if room <= 0 {
			break
		}
		line := key + "=" + value + "\n"
		s.WriteString(line[:min(len(line), room)])
	}
	return []byte(s.String())
}

// entryTime reads the time out of an entry id, "ms-seq".
func entryTime(id string) time.Time {
	ms, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

func (a *arrival) delivery(msg *message.Message, q lane) Delivery {
	return Delivery{
		Scope:     tenancy.Scope{Tenant: a.tenant, Actor: q.actor, RequestID: msg.Metadata.Get(keyRequest)},
		MessageID: msg.UUID, Topic: a.Stream, EntryID: a.ID, TaskID: msg.Metadata.Get(keyTask),
		PublishedAt: entryTime(a.ID), Deliveries: a.Deliveries,
	}
}
