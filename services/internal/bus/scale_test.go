package bus_test

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
	"chimera/services/internal/tenancy"
)

// A tenant with 2,000 queued must not make fifty tenants with five wait.
func TestTenantsTakeTurns(t *testing.T) {
	address := bustest.URL(t)
	b := bustest.Open(t, address)
	heavy := bustest.Tenant()
	publish(t, b, tasksOf(heavy, 2000)...)
	light := map[tenancy.ID]bool{}
	for range 50 {
		tenant := bustest.Tenant()
		light[tenant] = true
		publish(t, b, tasksOf(tenant, 5)...)
	}
	var found seen[tenancy.ID]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{Concurrency: 8}, func(_ context.Context, d bus.Delivery, _ *busv1.Task) error {
		found.add(d.Scope.Tenant)
		return nil
	})
	bustest.Run(t, r)
	order := found.reaches(t, 2250)
	last, heavyBefore := 0, 0
	for i, tenant := range order {
		if light[tenant] {
			last = i
		}
	}
	for _, tenant := range order[:last] {
		if !light[tenant] {
			heavyBefore++
		}
	}
	// Fair is one of the heavy tenant's for each turn of all: about 5. A queue for all would show 2,000.
	require.LessOrEqual(t, heavyBefore, 60, "of the heavy tenant's before the last light one")
	empty(t, address, heavy, "task")
}

func TestThousandTenantsShareFourConnections(t *testing.T) {
	address := bustest.URL(t)
	client := bustest.Client(t, address)
	require.NoError(t, client.Ping(t.Context()).Err())
	connections := func() int {
		list, err := client.ClientList(t.Context()).Result()
		require.NoError(t, err)
		n := 0
		db := " db=" + address[strings.LastIndex(address, "/")+1:] + " "
		for line := range strings.Lines(list) {
			if strings.Contains(line, db) {
				n++
			}
		}
		return n
	}
	before, goroutines := connections(), runtime.NumGoroutine()
	b := bustest.Open(t, address)
	found := collect(t, b, bus.Options{Concurrency: 32})
	var tasks []*busv1.Task
	for range 1000 {
		tasks = append(tasks, bustest.Task(bustest.Tenant()))
	}
	publish(t, b, tasks...)
	found.reaches(t, 1000)
	// At rest, all thousand are still being listened to.
	require.LessOrEqual(t, connections()-before, 4)
	require.LessOrEqual(t, runtime.NumGoroutine()-goroutines, 32)
	start := time.Now()
	publish(t, b, bustest.Task(tenancy.ID(tasks[500].GetTenantId())))
	found.reaches(t, 1001)
	require.Less(t, time.Since(start), 3*time.Second)
}

// At rest, tenants that were active today are not asked one by one for what lies untouched: they have nothing (R12.3).
func TestRestAsksNobody(t *testing.T) {
	const tenants, reclaim = 96, 400 * time.Millisecond
	address := bustest.URL(t)
	client := bustest.Client(t, address)
	b := bustest.Open(t, address, func(c *bus.Config) { c.ReclaimAfter = reclaim })
	found := collect(t, b, bus.Options{Concurrency: 32})
	var tasks []*busv1.Task
	for range tenants {
		tasks = append(tasks, bustest.Task(bustest.Tenant()))
	}
	publish(t, b, tasks...)
	found.reaches(t, tenants)
	asked := func() int64 {
		stats, err := client.InfoMap(t.Context(), "commandstats").Result()
		require.NoError(t, err)
		_, calls, _ := strings.Cut(stats["Commandstats"]["cmdstat_xautoclaim"], "calls=")
		calls, _, _ = strings.Cut(calls, ",")
		n, err := strconv.ParseInt(calls, 10, 64)
		require.NoError(t, err)
		return n
	}
	require.Eventually(t, func() bool {
		before := asked()
		time.Sleep(5 * reclaim)
		return asked()-before <= tenants/10
	}, 20*time.Second, time.Millisecond)
	// What lies untouched after that is taken over all the same.
	tenant := tasks[7].GetTenantId()
	topic := bustest.Topic(tenancy.ID(tenant), "task")
	_, err := client.TxPipelined(t.Context(), func(p redis.Pipeliner) error { // in one, or we would be faster
		p.XAdd(t.Context(), &redis.XAddArgs{Stream: topic, Values: map[string]any{"payload": "junk"}})
		p.XReadGroup(t.Context(), &redis.XReadGroupArgs{Group: "workers", Consumer: "dead", Streams: []string{topic, ">"}})
		p.ZAdd(t.Context(), "chimera:tenants:active", redis.Z{Score: float64(time.Now().UnixMicro()), Member: tenant})
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 1, bustest.Length(t, address, tenancy.ID(tenant), "task"))
	require.Eventually(t, func() bool { return bustest.Length(t, address, tenancy.ID(tenant), "task") == 0 }, wait, 20*time.Millisecond, "nobody took it over")
}

func TestNothingIsLeftRunning(t *testing.T) {
	address := bustest.URL(t)
	b := bustest.Open(t, address)
	before := runtime.NumGoroutine()
	for range 5 {
		r := router(t, b, time.Second)
		bus.Handle(r, bus.Tasks, bus.Options{}, func(context.Context, bus.Delivery, *busv1.Task) error { return nil })
		bus.ConsumePoison(r, func(context.Context, bus.PoisonLetter) error { return nil })
		bustest.Run(t, r)()
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, wait, 20*time.Millisecond, "goroutines stay")
}

func TestDepthIsMeasuredAndCapped(t *testing.T) { // R12.3, R14.2
	address, deep := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	publish(t, b, tasksOf(deep, 7)...)
	for range 300 {
		publish(t, b, bustest.Task(bustest.Tenant()))
	}
	depths, err := b.Depths(t.Context())
	require.NoError(t, err)
	require.Len(t, depths, 301)
	require.Equal(t, bus.Depth{Queue: "task", Tenant: deep, Length: 7, Oldest: depths[0].Oldest}, depths[0])
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(b.DepthCollector())
	families, err := registry.Gather()
	require.NoError(t, err)
	n := 0
	for _, f := range families {
		if f.GetName() == "chimera_bus_queue_depth" {
			n = len(f.GetMetric())
		}
	}
	require.Equal(t, 200+4, n)
}

// BenchmarkThrough is one message's whole way: publish in hundreds, read, decode, check, handle, acknowledge, delete.
func BenchmarkThrough(b *testing.B) {
	address := bustest.URL(b)
	bb := bustest.Open(b, address)
	r, err := bus.NewRouter(bb, bus.RouterConfig{})
	require.NoError(b, err)
	var wg sync.WaitGroup
	bus.Handle(r, bus.Tasks, bus.Options{Concurrency: 256}, func(context.Context, bus.Delivery, *busv1.Task) error { wg.Done(); return nil })
	bustest.Run(b, r)
	tenants := make([]tenancy.ID, 8)
	for i := range tenants {
		tenants[i] = bustest.Tenant()
	}
	n := 0
	for b.Loop() {
		batch := make([]bus.Envelope, 100)
		for i := range batch {
			batch[i], err = bus.Tasks.Envelope(b.Context(), bustest.Task(tenants[n%len(tenants)]))
			require.NoError(b, err)
			n++
		}
		wg.Add(len(batch))
		require.NoError(b, bb.Publish(b.Context(), batch...))
	}
	wg.Wait()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "msg/s")
}
