package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus/internal/lanes"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
)

const (
	// One round trip carries at most this much, so that one publisher never holds Redis for long.
	maxPublishBatch = 512
	maxPublishBytes = 4 << 20
	publishTimeout  = 5 * time.Second
)

// Publish adds messages to their topics and rings the bell for their tenants, pipelined. Single messages of many
// callers go out together: what gathers while one pipeline is under way is the next, and nobody waits for more. It
// never retries: the dispatcher owns that, from Postgres. After an error some messages may have been added; publishing
// them again is harmless. Errors: Invalid for one that cannot be encoded, Unavailable (reason QUEUE_FULL when Redis is
// out of memory), Timeout, Cancelled.
func (b *Bus) Publish(ctx context.Context, envelopes ...Envelope) error {
	entries := make([]outgoing, len(envelopes))
	for i, e := range envelopes {
		var err error
		if entries[i], err = e.encode(); err != nil {
			return err
		}
	}
	if len(entries) == 1 {
		_, err := b.sends.Do(ctx, entries[0])
		if errors.As(err, new(*errs.Error)) {
			return err
		}
		return away(err) // the caller's own end
	}
	// The caller's patience may be longer than a broken connection deserves.
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	return b.sendAll(ctx, entries)
}

// outgoing is an envelope as it goes over the wire: nothing in it can fail any more but Redis.
type outgoing struct {
	lane   lane
	tenant tenancy.ID
	size   int
	add    redis.XAddArgs
}

func (e Envelope) encode() (outgoing, error) {
	if e.id == "" {
		return outgoing{}, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "an empty envelope was published")
	}
	var wire redisstream.DefaultMarshallerUnmarshaller
	topic := e.lane.topic(e.tenant)
	values, err := wire.Marshal(topic, &message.Message{UUID: e.id, Metadata: e.metadata, Payload: e.payload})
	if err != nil {
		return outgoing{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the message's metadata cannot be encoded")
	}
	return outgoing{lane: e.lane, tenant: e.tenant, size: len(e.payload), add: redis.XAddArgs{Stream: topic, Values: values}}, nil
}

func (b *Bus) sendAll(ctx context.Context, entries []outgoing) error {
	for len(entries) > 0 {
		n, size := 0, 0
		for n < len(entries) && n < maxPublishBatch && (n == 0 || size+entries[n].size <= maxPublishBytes) {
			size += entries[n].size
			n++
		}
		if err := b.send(ctx, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// send is one MULTI: a reader that sees the bell also sees the entries. There is no MAXLEN: trimming drops
// unread entries silently; the dispatcher's window is the bound.
func (b *Bus) send(ctx context.Context, batch []outgoing) error {
	tenants := map[tenancy.ID]struct{}{}
	commands, err := b.pub.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range batch {
			tenants[batch[i].tenant] = struct{}{}
			pipe.XAdd(ctx, &batch[i].add)
		}
		lanes.MarkActive(ctx, pipe, b.now(), tenants)
		return nil
	})
	if err != nil {
		b.metrics.publishFailed.Inc()
		// The transaction's own error says only that one of its commands was refused.
		for _, c := range commands {
			if strings.HasPrefix(fmt.Sprint(c.Err()), "OOM") {
				err = c.Err()
			}
		}
		return away(err)
	}
	for _, e := range batch {
		b.metrics.published.WithLabelValues(e.lane.name).Inc()
	}
	return nil
}
