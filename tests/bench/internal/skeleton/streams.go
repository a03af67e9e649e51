package skeleton

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// The three hops of a task.
const (
	tasks     = "task"
	results   = "result"
	decisions = "decision"
)

const (
	group = "skeleton"
	// perRead is the most entries of one stream in one read.
	perRead = 256
	blocks  = time.Second
)

type message struct {
	stream, id string
	body       string
}

// hop reads one queue of all tenants with one command.
type hop struct {
	db      *redis.Client
	queue   string
	streams []string
	cursors []string
}

func stream(tenant ID, queue string) string {
	return "skeleton:" + uuid.UUID(tenant).String() + ":" + queue
}

func openHop(ctx context.Context, db *redis.Client, queue string, tenants []ID) (*hop, error) {
	h := &hop{db: db, queue: queue}
	for _, t := range tenants {
		name := stream(t, queue)
		if err := db.XGroupCreateMkStream(ctx, name, group, "0").Err(); err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
			return nil, err
		}
		h.streams, h.cursors = append(h.streams, name), append(h.cursors, ">")
	}
	return h, nil
}

// read waits for messages, at most a second.
func (h *hop) read(ctx context.Context) ([]message, error) {
	got, err := h.db.XReadGroup(ctx, &redis.XReadGroupArgs{Group: group, Consumer: "one", Streams: slices.Concat(h.streams, h.cursors), Count: perRead, Block: blocks}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	var all []message
	for _, s := range got {
		for _, m := range s.Messages {
			body, _ := m.Values["m"].(string)
			all = append(all, message{s.Stream, m.ID, body})
		}
	}
	return all, err
}

// out is one message to be published.
type out struct {
	stream string
	body   []byte
}

// pass publishes outputs, then acknowledges and deletes what they came from, in one round trip and in that order: a
// crash in between repeats, and loses nothing.
func pass(ctx context.Context, db *redis.Client, outputs []out, inputs []message) error {
	pipe := db.Pipeline()
	for _, o := range outputs {
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: o.stream, Values: []any{"m", o.body}})
	}
	byStream := map[string][]string{}
	for _, m := range inputs {
		byStream[m.stream] = append(byStream[m.stream], m.id)
	}
	for name, ids := range byStream {
		pipe.XAck(ctx, name, group, ids...)
		pipe.XDel(ctx, name, ids...)
	}
	if pipe.Len() == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return err
}
