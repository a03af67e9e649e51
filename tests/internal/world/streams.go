package world

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// Queues are the streams of the path, in its order.
var Queues = []string{"task", "result", "review"}

// Stream names a tenant's stream of one queue.
func (w *World) Stream(tenant, queue string) string {
	return fmt.Sprintf("tenant:%s:queue:%s", w.Tenants[tenant], queue)
}

// Entries reads what is on a tenant's queue, without taking it.
func (w *World) Entries(t testing.TB, tenant, queue string) []redis.XMessage {
	t.Helper()
	entries, err := w.Streams.XRange(t.Context(), w.Stream(tenant, queue), "-", "+").Result()
	require.NoError(t, err)
	return entries
}

// Inject puts any fields onto a tenant's queue, as somebody who reached Redis could.
func (w *World) Inject(t testing.TB, tenant, queue string, fields map[string]any) {
	t.Helper()
	require.NoError(t, w.Streams.XAdd(t.Context(), &redis.XAddArgs{Stream: w.Stream(tenant, queue), Values: fields}).Err())
}

// Forge is a captured entry with another payload.
func Forge(entry redis.XMessage, payload []byte) map[string]any {
	fields := make(map[string]any, len(entry.Values))
	maps.Copy(fields, entry.Values)
	fields["payload"] = string(payload)
	return fields
}

// Echo adds every message that comes by in a tenant's queues again, times over, until the test ends or stop is
// called; stop answers how many different messages each queue had. It looks as often as Redis answers, because a
// message is gone once it is handled.
func (w *World) Echo(t testing.TB, tenant string, times int) (stop func() map[string]int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	seen := map[string]int{}
	ended := make(chan error, 1)
	go func() { ended <- w.echo(ctx, tenant, times, seen) }()
	t.Cleanup(cancel)
	return func() map[string]int {
		cancel()
		require.NoError(t, <-ended)
		return seen
	}
}

func (w *World) echo(ctx context.Context, tenant string, times int, seen map[string]int) error {
	known := map[string]bool{}
	for ctx.Err() == nil {
		for _, queue := range Queues {
			entries, err := w.Streams.XRange(ctx, w.Stream(tenant, queue), "-", "+").Result()
			if err != nil && ctx.Err() == nil {
				return err
			}
			for _, e := range entries {
				payload, _ := e.Values["payload"].(string)
				if known[queue+payload] {
					continue
				}
				known[queue+payload] = true
				seen[queue]++
				pipe := w.Streams.Pipeline()
				for range times {
					pipe.XAdd(ctx, &redis.XAddArgs{Stream: w.Stream(tenant, queue), Values: e.Values})
				}
				if _, err := pipe.Exec(ctx); err != nil && ctx.Err() == nil {
					return err
				}
			}
		}
		time.Sleep(200 * time.Microsecond)
	}
	return nil
}

// Capture answers a message of a queue that passes the test while it runs by.
func (w *World) Capture(t testing.TB, tenant, queue string, wanted func(payload []byte) bool) <-chan redis.XMessage {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	found := make(chan redis.XMessage, 1)
	go func() {
		for ctx.Err() == nil {
			entries, _ := w.Streams.XRange(ctx, w.Stream(tenant, queue), "-", "+").Result()
			for _, e := range entries {
				if payload, _ := e.Values["payload"].(string); wanted([]byte(payload)) {
					found <- e
					return
				}
			}
			time.Sleep(200 * time.Microsecond)
		}
	}()
	return found
}
