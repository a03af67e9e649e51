package bus

import (
	"context"
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

// Publish adds messages to their topics and rings the bell for their tenants, pipelined. It never retries:
// the dispatcher owns that, from Postgres. After an error some messages may have been added; publishing
// them again is harmless. Errors: Unavailable (reason QUEUE_FULL when Redis is out of memory), Timeout, Cancelled.
func (b *Bus) Publish(ctx context.Context, envelopes ...Envelope) error {
	// The caller's patience may be longer than a broken connection deserves.
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	for len(envelopes) > 0 {
		n, size := 0, 0
		for n < len(envelopes) && n < maxPublishBatch && (n == 0 || size+len(envelopes[n].payload) <= maxPublishBytes) {
			size += len(envelopes[n].payload)
			n++
		}
		if err := b.send(ctx, envelopes[:n]); err != nil {
			return err
		}
		envelopes = envelopes[n:]
	}
	return nil
}

// send is one MULTI: a reader that sees the bell also sees the entries. There is no MAXLEN: trimming drops
// unread entries silently; the dispatcher's window is the bound.
func (b *Bus) send(ctx context.Context, batch []Envelope) error {
	var wire redisstream.DefaultMarshallerUnmarshaller
	tenants := map[tenancy.ID]struct{}{}
	commands, err := b.pub.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, e := range batch {
			if e.id == "" {
				return errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "an empty envelope was published")
			}
			topic := e.lane.topic(e.tenant)
			values, err := wire.Marshal(topic, &message.Message{UUID: e.id, Metadata: e.metadata, Payload: e.payload})
			if err != nil {
				return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the message's metadata cannot be encoded")
			}
			tenants[e.tenant] = struct{}{}
			pipe.XAdd(ctx, &redis.XAddArgs{Stream: topic, Values: values})
		}
		lanes.MarkActive(ctx, pipe, b.now(), tenants)
		return nil
	})
	if err != nil {
		if errs.KindOf(err) == errs.Invalid {
			return err
		}
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
