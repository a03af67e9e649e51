package bus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/boot"
	"chimera/services/kit/errs"
)

func TestMessageArrivesWithScopeAndTraceAndLeavesNothing(t *testing.T) {
	otel.SetTextMapPropagator(propagation.TraceContext{})
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	type got struct {
		d     bus.Delivery
		m     *busv1.Task
		trace trace.TraceID
		ids   boot.IDs
	}
	var found seen[got]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(ctx context.Context, d bus.Delivery, m *busv1.Task) error {
		found.add(got{d, m, trace.SpanContextFromContext(ctx).TraceID(), boot.IDsFrom(ctx)})
		return nil
	})
	bustest.Run(t, r)
	want := bustest.Task(tenant)
	id := trace.TraceID{1, 2, 3}
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{4}}))
	e, err := bus.Tasks.Envelope(ctx, want)
	require.NoError(t, err)
	require.NoError(t, b.Publish(t.Context(), e))
	g := found.reaches(t, 1)[0]
	require.True(t, proto.Equal(want, g.m))
	require.Equal(t, tenant, g.d.Scope.Tenant)
	require.Equal(t, "service:worker", g.d.Scope.Actor)
	require.Equal(t, want.GetContext().GetRequestId(), g.d.Scope.RequestID)
	require.Equal(t, want.GetId(), g.d.TaskID)
	require.Equal(t, int64(1), g.d.Deliveries)
	require.WithinDuration(t, time.Now(), g.d.PublishedAt, time.Minute)
	require.Equal(t, id, g.trace)
	require.Equal(t, boot.IDs{Tenant: string(tenant), Task: want.GetId(), Request: want.GetContext().GetRequestId()}, g.ids)
	// XACK alone would leave the entry for ever.
	empty(t, address, tenant, "task")
	pending, err := bustest.Client(t, address).XPending(t.Context(), bustest.Topic(tenant, "task"), "workers").Result()
	require.NoError(t, err)
	require.Zero(t, pending.Count)
}

func TestInvalidMessageIsNotPublished(t *testing.T) {
	m := bustest.Task(bustest.Tenant())
	m.Spec.Tool = "no dots, spaces"
	_, err := bus.Tasks.Envelope(t.Context(), m)
	require.Equal(t, errs.Invalid, errs.KindOf(err))
	m = bustest.Task("")
	_, err = bus.Tasks.Envelope(t.Context(), m)
	require.Equal(t, errs.Invalid, errs.KindOf(err))
}

func TestDuplicatesAreBothDeliveredAndDeleted(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	var found seen[string]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(_ context.Context, _ bus.Delivery, m *busv1.Task) error { found.add(m.GetId()); return nil })
	bustest.Run(t, r)
	dead := letters(t, b)
	e, err := bus.Tasks.Envelope(t.Context(), bustest.Task(tenant))
	require.NoError(t, err)
	for range 10 {
		require.NoError(t, b.Publish(t.Context(), e))
	}
	found.reaches(t, 10)
	empty(t, address, tenant, "task")
	require.Len(t, found.list(), 10)
	require.Empty(t, dead.list())
}

func TestBatchGathersAndFailsAlone(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	var sizes seen[int]
	var ids seen[string]
	bad, worse := bustest.Task(tenant), bustest.Task(tenant)
	r := router(t, b, time.Second)
	o := bus.BatchOptions{Options: bus.Options{Concurrency: 256}, Max: 100}
	bus.HandleBatch(r, bus.Tasks, o, func(ctx context.Context, items []bus.Item[*busv1.Task]) []error {
		out := make([]error, len(items))
		for i, item := range items {
			switch item.Message.GetId() {
			case bad.GetId():
				out[i] = errs.New(errs.Invalid, 2, "not like this")
			case worse.GetId():
				panic("boom")
			default:
				ids.add(item.Message.GetId())
			}
		}
		sizes.add(len(items))
		time.Sleep(5 * time.Millisecond)
		return out
	})
	publish(t, b, append(tasksOf(tenant, 298), bad, worse)...)
	bustest.Run(t, r)
	dead := letters(t, b)
	empty(t, address, tenant, "task")
	largest, total := 0, 0
	for _, n := range sizes.list() {
		largest, total = max(largest, n), total+n
	}
	require.Greater(t, largest, 20, "nothing gathered: %v", sizes.list())
	require.LessOrEqual(t, largest, 100)
	unique := map[string]bool{}
	for _, id := range ids.list() {
		unique[id] = true
	}
	require.Len(t, unique, 298)
	found := dead.reaches(t, 2)
	require.Len(t, found, 2)
	require.ElementsMatch(t, []string{bad.GetId(), worse.GetId()}, []string{found[0].TaskID, found[1].TaskID})
}

// Decision 0087: lanes work side by side, and none of a tenant's batches beside another of the same tenant.
func TestLanesKeepATenantInOne(t *testing.T) {
	b := bustest.Open(t, bustest.URL(t))
	var mu sync.Mutex
	atWork, batches, most, mixed := map[tenancy.ID]int{}, 0, 0, false
	var done seen[string]
	r := router(t, b, time.Second)
	o := bus.BatchOptions{Options: bus.Options{Concurrency: 256}, Max: 4, Lanes: 3}
	change := func(items []bus.Item[*busv1.Task], by int) {
		mu.Lock()
		defer mu.Unlock()
		in := map[tenancy.ID]bool{}
		for _, i := range items {
			in[i.Delivery.Scope.Tenant] = true
		}
		for tenant := range in {
			atWork[tenant] += by
			mixed = mixed || atWork[tenant] > 1
		}
		batches += by
		most = max(most, batches)
	}
	bus.HandleBatch(r, bus.Tasks, o, func(_ context.Context, items []bus.Item[*busv1.Task]) []error {
		change(items, 1)
		time.Sleep(5 * time.Millisecond)
		change(items, -1)
		for _, i := range items {
			done.add(i.Message.GetId())
		}
		return nil
	})
	for range 12 {
		publish(t, b, tasksOf(bustest.Tenant(), 10)...)
	}
	bustest.Run(t, r)
	done.reaches(t, 120)
	require.False(t, mixed, "two batches of one tenant were at work at once")
	require.Greater(t, most, 1, "no two lanes were at work at once")
}
