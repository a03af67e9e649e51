package bus_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
)

func collect(t *testing.T, b *bus.Bus, o bus.Options) *seen[string] {
	t.Helper()
	var found seen[string]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, o, func(_ context.Context, _ bus.Delivery, m *busv1.Task) error { found.add(m.GetId()); return nil })
	bustest.Run(t, r)
	return &found
}

func TestGoesOnAfterFlushAndRestart(t *testing.T) { // R12.4
	server := partstest.ExclusiveRedis(t)
	b := bustest.Open(t, server.URL)
	tenants := []tenancy.ID{bustest.Tenant(), bustest.Tenant(), bustest.Tenant()}
	found := collect(t, b, bus.Options{Concurrency: 32})
	total := 0
	send := func(n int) {
		for i := range n {
			publish(t, b, bustest.Task(tenants[i%len(tenants)]))
		}
		total += n
	}
	send(30)
	found.reaches(t, total)

	require.NoError(t, bustest.Client(t, server.URL).FlushAll(t.Context()).Err())
	send(1000)
	found.reaches(t, total)

	require.True(t, b.Reading())
	require.NoError(t, server.Kill())
	require.Error(t, b.Healthy(t.Context()))
	require.Eventually(t, func() bool { return !b.Reading() }, 2*time.Second, 10*time.Millisecond, "known within what a heartbeat waits")
	e, err := bus.Tasks.Envelope(t.Context(), bustest.Task(tenants[0]))
	require.NoError(t, err)
	require.Equal(t, errs.Unavailable, errs.KindOf(b.Publish(t.Context(), e)))
	require.NoError(t, server.Start(t.Context()))
	require.NoError(t, bustest.Client(t, server.URL).FlushAll(t.Context()).Err())
	send(100)
	found.reaches(t, total)
	require.Len(t, found.list(), total, "nothing twice either")
	require.NoError(t, b.Healthy(t.Context()))
	require.True(t, b.Reading())
	for _, tenant := range tenants {
		empty(t, server.URL, tenant, "task")
	}
}

func TestServerThatMayEvictIsRefused(t *testing.T) {
	server := partstest.ExclusiveRedis(t)
	b := bustest.Open(t, server.URL)
	require.NoError(t, bustest.Client(t, server.URL).ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
	require.ErrorContains(t, b.Healthy(t.Context()), "noeviction")
	_, err := bus.Open(t.Context(), bus.Config{URL: server.URL, Embedded: true, Metrics: prometheus.NewRegistry()}, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "noeviction")
	require.Equal(t, errs.Invalid, errs.KindOf(err))
}

func TestFullRedisIsAClearError(t *testing.T) { // R12.3
	server := partstest.ExclusiveRedis(t)
	b := bustest.Open(t, server.URL)
	require.NoError(t, bustest.Client(t, server.URL).ConfigSet(t.Context(), "maxmemory", "1").Err())
	e, err := bus.Tasks.Envelope(t.Context(), bustest.Task(bustest.Tenant()))
	require.NoError(t, err)
	err = b.Publish(t.Context(), e)
	require.Equal(t, typev1.Reason_REASON_QUEUE_FULL, errs.ReasonOf(err), "%v", err)
}

func TestKeyThatIsNoStreamStopsNobodyElse(t *testing.T) {
	address, broken, tenant := bustest.URL(t), bustest.Tenant(), bustest.Tenant()
	b := bustest.Open(t, address)
	publish(t, b, bustest.Task(broken))
	require.NoError(t, bustest.Client(t, address).Set(t.Context(), bustest.Topic(broken, "task"), "x", 0).Err())
	found := collect(t, b, bus.Options{})
	publish(t, b, tasksOf(tenant, 10)...)
	found.reaches(t, 10)
}

func TestPartAwayPutsOffAndPoisonsNothing(t *testing.T) { // R12.4
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address, func(c *bus.Config) { c.ReclaimAfter = 200 * time.Millisecond })
	var away atomic.Bool
	away.Store(true)
	var found seen[int64]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{Retries: -1}, func(_ context.Context, d bus.Delivery, _ *busv1.Task) error {
		if away.Load() {
			return errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the orchestrator is away")
		}
		found.add(d.Deliveries)
		return nil
	})
	bustest.Run(t, r)
	dead := letters(t, b)
	publish(t, b, tasksOf(tenant, 5)...)
	time.Sleep(2 * time.Second)
	away.Store(false)
	for _, deliveries := range found.reaches(t, 5) {
		require.Greater(t, deliveries, int64(1))
	}
	empty(t, address, tenant, "task")
	require.Empty(t, dead.list())
}

func TestPartAwayForEverIsPoisonedInTheEnd(t *testing.T) { // R12.3
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address, func(c *bus.Config) { c.ReclaimAfter = 100 * time.Millisecond })
	var runs atomic.Int64
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{Retries: -1, MaxDeliveries: 3}, func(context.Context, bus.Delivery, *busv1.Task) error {
		runs.Add(1)
		return errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "away")
	})
	bustest.Run(t, r)
	dead := letters(t, b)
	publish(t, b, bustest.Task(tenant))
	require.Equal(t, int64(3), dead.reaches(t, 1)[0].Deliveries)
	empty(t, address, tenant, "task")
	require.Equal(t, int64(3), runs.Load())
}

func TestSlowTaskIsNotTakenOverWhileItRuns(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	var runs atomic.Int64
	for _, name := range []string{"one", "two"} {
		b := bustest.Open(t, address, func(c *bus.Config) { c.Consumer, c.ReclaimAfter = name, 1500*time.Millisecond })
		r := router(t, b, time.Second)
		bus.Handle(r, bus.Tasks, bus.Options{}, func(context.Context, bus.Delivery, *busv1.Task) error {
			runs.Add(1)
			time.Sleep(5 * time.Second) // three times as long as an entry may lie untouched, and a busy machine may stall a renewal
			return nil
		})
		bustest.Run(t, r)
	}
	publish(t, bustest.Open(t, address), tasksOf(tenant, 4)...)
	require.Eventually(t, func() bool { return runs.Load() >= 4 }, wait, 10*time.Millisecond)
	empty(t, address, tenant, "task")
	require.Equal(t, int64(4), runs.Load())
}

func TestEntriesOfADeadConsumerAreTakenOver(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address, func(c *bus.Config) { c.ReclaimAfter = 300 * time.Millisecond })
	tasks := tasksOf(tenant, 50)
	publish(t, b, tasks...)
	client := bustest.Client(t, address)
	topic := bustest.Topic(tenant, "task")
	require.NoError(t, client.XGroupCreate(t.Context(), topic, "workers", "0").Err())
	_, err := client.XReadGroup(t.Context(), &redis.XReadGroupArgs{Group: "workers", Consumer: "dead", Streams: []string{topic, ">"}, Count: 50}).Result()
	require.NoError(t, err)
	var found seen[bus.Delivery]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(_ context.Context, d bus.Delivery, _ *busv1.Task) error { found.add(d); return nil })
	bustest.Run(t, r)
	for _, d := range found.reaches(t, 50) {
		require.Equal(t, int64(2), d.Deliveries)
	}
	empty(t, address, tenant, "task")
	require.Len(t, found.list(), 50)
}

func TestShutdownInTheMiddleDoesNotPoison(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address, func(c *bus.Config) { c.ReclaimAfter = 200 * time.Millisecond })
	r := router(t, b, 200*time.Millisecond)
	started := make(chan struct{}, 2)
	var finished atomic.Int64
	quick := bustest.Task(tenant)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(ctx context.Context, _ bus.Delivery, m *busv1.Task) error {
		started <- struct{}{}
		if m.GetId() == quick.GetId() {
			time.Sleep(100 * time.Millisecond)
			finished.Add(1)
			return nil
		}
		<-ctx.Done()
		// What a store says whose context was cancelled is often no context error at all.
		return errors.New("connection closed")
	})
	stop := bustest.Run(t, r)
	publish(t, b, quick, bustest.Task(tenant))
	<-started
	<-started
	stop()
	require.Equal(t, int64(1), finished.Load(), "what can finish within the drain does")
	require.Equal(t, int64(1), bustest.Length(t, address, tenant, "task"), "the finished one is acknowledged, the other stays")
	require.Zero(t, bustest.Length(t, address, tenant, "poison"))
	found := collect(t, b, bus.Options{})
	found.reaches(t, 1)
	empty(t, address, tenant, "task")
}
