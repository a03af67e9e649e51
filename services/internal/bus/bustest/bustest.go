// Package bustest gives tests a bus of their own on a real Redis, and the ways to misuse it that
// production code does not have.
package bustest

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/bus"
	"chimera/services/internal/bus/internal/lanes"
	"chimera/services/internal/tenancy"
)

// leaseTime outlives any test; a killed test binary gives its database back after it.
const leaseTime = 15 * time.Minute

// URL is an empty Redis database that no other test uses meanwhile. The package needs partstest.Main.
func URL(t testing.TB) string {
	t.Helper()
	server, err := url.Parse(partstest.Redis(t).URL)
	require.NoError(t, err)
	// Redis has 16; the first is left to whoever uses the server by hand.
	for db := 1; db < 16; db++ {
		u := *server
		u.Path = fmt.Sprintf("/%d", db)
		client := Client(t, u.String())
		free, err := client.SetNX(t.Context(), "bustest:lease", t.Name(), leaseTime).Result()
		require.NoError(t, err)
		if !free {
			continue
		}
		empty := func(ctx context.Context) error {
			_, err := client.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.FlushDB(ctx)
				p.Set(ctx, "bustest:lease", t.Name(), leaseTime)
				return nil
			})
			return err
		}
		require.NoError(t, empty(t.Context()))
		t.Cleanup(func() { _ = client.FlushDB(context.Background()).Err() })
		return u.String()
	}
	t.Fatal("bustest: all Redis databases are in use")
	return ""
}

// Open is a bus on a database, with its own metrics; it is closed after the test.
func Open(t testing.TB, address string, change ...func(*bus.Config)) *bus.Bus {
	t.Helper()
	cfg := bus.Config{URL: address, Consumer: "test", Metrics: prometheus.NewRegistry()}
	for _, c := range change {
		c(&cfg)
	}
	b, err := bus.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// Run starts a router and stops it when the test ends, or when stop is called; stop waits for the end.
func Run(t testing.TB, r *bus.Router) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	select {
	case <-r.Running():
	case <-time.After(10 * time.Second):
		cancel()
		t.Fatal("bustest: the router does not run")
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			require.NoError(t, <-ended)
		}
	}
	t.Cleanup(stop)
	return stop
}

// Client is for looking at Redis and for breaking it.
func Client(t testing.TB, address string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(address)
	require.NoError(t, err)
	o.PoolSize = 2
	client := redis.NewClient(o)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Topic names a tenant's topic; queue is "task", "result", "review" or "poison".
func Topic(tenant tenancy.ID, queue string) string {
	return "tenant:" + string(tenant) + ":queue:" + queue
}

// Junk adds any fields as an entry, as an attacker or another program could, and wakes the readers.
func Junk(t testing.TB, address string, tenant tenancy.ID, queue string, fields map[string]any) (entryID string) {
	t.Helper()
	client := Client(t, address)
	id, err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: Topic(tenant, queue), Values: fields}).Result()
	require.NoError(t, err)
	_, err = client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		lanes.MarkActive(t.Context(), p, time.Now(), map[tenancy.ID]struct{}{tenant: {}})
		return nil
	})
	require.NoError(t, err)
	return id
}

// Length is how many entries a topic has, running ones included.
func Length(t testing.TB, address string, tenant tenancy.ID, queue string) int64 {
	t.Helper()
	n, err := Client(t, address).XLen(context.Background(), Topic(tenant, queue)).Result()
	require.NoError(t, err)
	return n
}
