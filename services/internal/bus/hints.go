package bus

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// hintsChannel is one for all tenants: a process holds one subscription however many tenants it serves.
	hintsChannel = "chimera:changes"
	hintsTimeout = time.Second
	// hintsQuiet without a word is when the connection is asked whether it lives.
	hintsQuiet = 5 * time.Second
	hintsRetry = time.Second
)

// PublishHints tells every process that listens; who does not listen now never hears it. Errors: Unavailable or
// Timeout, after a second at most; nothing is tried again.
func (b *Bus) PublishHints(ctx context.Context, hints [][]byte) error {
	ctx, cancel := context.WithTimeout(ctx, hintsTimeout)
	defer cancel()
	_, err := b.pub.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, h := range hints {
			p.Publish(ctx, hintsChannel, h)
		}
		return nil
	})
	return away(err)
}

// SubscribeHints gives hear each hint until ctx ends, and listening whether hints come in at all: false from the
// moment the connection is lost, true once it is there again. Both are called from one goroutine.
func (b *Bus) SubscribeHints(ctx context.Context, hear func([]byte), listening func(bool)) error {
	client := b.client(1)
	defer func() { _ = client.Close() }()
	for ctx.Err() == nil {
		err := hearHints(ctx, client, hear, listening)
		listening(false)
		b.log.DebugContext(ctx, "hints not heard", slog.Any("error", err))
		select {
		case <-ctx.Done():
		case <-time.After(hintsRetry):
		}
	}
	return nil
}

func hearHints(ctx context.Context, client *redis.Client, hear func([]byte), listening func(bool)) error {
	sub := client.Subscribe(ctx, hintsChannel)
	defer func() { _ = sub.Close() }()
	// A read does not look at the context; closing ends it.
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })()
	asked := false
	for {
		got, err := sub.ReceiveTimeout(ctx, hintsQuiet)
		var slow net.Error
		switch {
		case errors.As(err, &slow) && slow.Timeout() && !asked:
			asked = true
			if err := sub.Ping(ctx); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		asked = false
		switch m := got.(type) {
		case *redis.Subscription:
			listening(true)
		case *redis.Message:
			hear([]byte(m.Payload))
		}
	}
}
