package bus_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
	"chimera/services/kit/errs"
)

func TestPoisonOnceAfterRetries(t *testing.T) { // R12.3, R0.3
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	var runs atomic.Int64
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{Retries: 2}, func(context.Context, bus.Delivery, *busv1.Task) error {
		runs.Add(1)
		return errs.Wrap(errors.New("password=hunter2"), errs.Conflict, typev1.Reason_REASON_STALE_VERSION, "it changed meanwhile")
	})
	bustest.Run(t, r)
	dead := letters(t, b)
	task := bustest.Task(tenant)
	publish(t, b, task)
	l := dead.reaches(t, 1)[0]
	empty(t, address, tenant, "task")
	empty(t, address, tenant, "poison")
	require.Equal(t, int64(3), runs.Load())
	require.Len(t, dead.list(), 1)
	require.Equal(t, tenant, l.Tenant)
	require.Equal(t, "task", l.Queue)
	require.Equal(t, task.GetId(), l.TaskID)
	require.Equal(t, "conflict", l.Kind)
	require.Equal(t, "REASON_STALE_VERSION", l.Reason)
	require.Equal(t, "it changed meanwhile", l.Message)
	require.Equal(t, "test", l.Consumer)
	require.WithinDuration(t, time.Now(), l.FailedAt, time.Minute)
	for _, v := range l.Metadata {
		require.NotContains(t, v, "hunter2")
	}
	back, err := bus.Decode(l)
	require.NoError(t, err)
	require.True(t, proto.Equal(task, back))
}

// The stock chain never poisons a handler that used up its time: it ran 95 times in 2 s. The second half
// leaves out the layer that prevents it and must see the trap.
func TestOwnTimeoutIsPoisonedOnce(t *testing.T) {
	for _, planted := range []bool{false, true} {
		address, tenant := bustest.URL(t), bustest.Tenant()
		b := bustest.Open(t, address)
		var runs atomic.Int64
		slow := func(ctx context.Context, _ bus.Delivery, _ *busv1.Task) error {
			runs.Add(1)
			<-ctx.Done()
			return ctx.Err()
		}
		r := router(t, b, time.Second)
		missing := ""
		if planted {
			missing = "restore context"
		}
		bus.HandleWithout(r, bus.Tasks, bus.Options{Timeout: 50 * time.Millisecond}, missing, slow)
		stop := bustest.Run(t, r)
		dead := letters(t, b)
		publish(t, b, bustest.Task(tenant))
		if planted {
			require.Eventually(t, func() bool { return runs.Load() > 0 }, wait, 5*time.Millisecond)
			time.Sleep(500 * time.Millisecond)
			require.Empty(t, dead.list(), "without the layer the letter was written all the same: this test proves nothing")
		} else {
			require.Equal(t, "timeout", dead.reaches(t, 1)[0].Kind)
			empty(t, address, tenant, "task")
			require.Equal(t, int64(1), runs.Load())
		}
		stop()
	}
}

func TestHandlerPanicIsPoisoned(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	bad := bustest.Task(tenant)
	var good atomic.Int64
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(_ context.Context, _ bus.Delivery, m *busv1.Task) error {
		if m.GetId() == bad.GetId() {
			panic("boom")
		}
		good.Add(1)
		return nil
	})
	bustest.Run(t, r)
	dead := letters(t, b)
	publish(t, b, append([]*busv1.Task{bad}, tasksOf(tenant, 20)...)...)
	require.Equal(t, "internal", dead.reaches(t, 1)[0].Kind)
	empty(t, address, tenant, "task")
	require.Equal(t, int64(20), good.Load())
}

func TestJunkIsPoisonedAndTheTopicFlows(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	var found seen[string]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(_ context.Context, _ bus.Delivery, m *busv1.Task) error { found.add(m.GetId()); return nil })
	bustest.Run(t, r)
	dead := letters(t, b)
	const id = "_watermill_message_uuid"
	junk := []map[string]any{
		{"a": "no id at all"},
		{id: "x", "metadata": "\xc1not msgpack", "payload": "p"},
		{id: "x", "metadata": "\xdf\xff\xff\xff\xff", "payload": "p"},
		{id: "x", "payload": strings.Repeat("x", bus.MaxPayload+1)},
		{id: strings.Repeat("x", 1000), "payload": "p"},
		{id: "x", "payload": "p"},
	}
	for range 20 {
		for _, fields := range junk {
			bustest.Junk(t, address, tenant, "task", fields)
		}
	}
	task := bustest.Task(tenant)
	publish(t, b, task)
	require.Equal(t, []string{task.GetId()}, found.reaches(t, 1))
	ls := dead.reaches(t, 20*len(junk))
	empty(t, address, tenant, "task")
	ids := map[string]bool{}
	for _, l := range ls {
		ids[l.ID] = true
		require.Equal(t, tenant, l.Tenant)
		require.LessOrEqual(t, len(l.Payload), 64<<10)
	}
	require.Len(t, ids, 20*len(junk))
	require.Equal(t, errs.Invalid, errs.KindOf(b.Replay(t.Context(), ls[0])))
	_, err := bus.Decode(ls[0])
	require.Equal(t, errs.Invalid, errs.KindOf(err))
}

func TestForgedTenantIsPoisoned(t *testing.T) { // R9.4
	address, victim, own := bustest.URL(t), bustest.Tenant(), bustest.Tenant()
	b := bustest.Open(t, address)
	var runs atomic.Int64
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(context.Context, bus.Delivery, *busv1.Task) error { runs.Add(1); return nil })
	dead := letters(t, b)
	// A message of the victim's, copied to a topic that the attacker can write to: with its own metadata, and
	// with metadata that fits the topic; then one of the attacker's own whose metadata names the victim.
	publish(t, b, bustest.Task(victim))
	client := bustest.Client(t, address)
	entries, err := client.XRange(t.Context(), bustest.Topic(victim, "task"), "-", "+").Result()
	require.NoError(t, err)
	require.NoError(t, client.Del(t.Context(), bustest.Topic(victim, "task")).Err())
	fields := entries[0].Values
	bustest.Junk(t, address, own, "task", fields)
	fields["metadata"] = strings.ReplaceAll(fields["metadata"].(string), string(victim), string(own))
	bustest.Junk(t, address, own, "task", fields)
	publish(t, b, bustest.Task(own))
	mine, err := client.XRevRangeN(t.Context(), bustest.Topic(own, "task"), "+", "-", 1).Result()
	require.NoError(t, err)
	require.NoError(t, client.XDel(t.Context(), bustest.Topic(own, "task"), mine[0].ID).Err())
	fields = mine[0].Values
	fields["metadata"] = strings.ReplaceAll(fields["metadata"].(string), string(own), string(victim))
	bustest.Junk(t, address, own, "task", fields)
	bustest.Run(t, r)
	ls := dead.reaches(t, 3)
	empty(t, address, own, "task")
	for _, l := range ls {
		require.Equal(t, own, l.Tenant, "the letter belongs to the topic's tenant")
		require.Equal(t, "REASON_PERMISSION_DENIED", l.Reason)
	}
	require.Zero(t, runs.Load())
}

func TestReplayPutsTheSameBytesBack(t *testing.T) { // R12.3
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address)
	var fixed atomic.Bool
	var found seen[*busv1.Task]
	r := router(t, b, time.Second)
	bus.Handle(r, bus.Tasks, bus.Options{}, func(_ context.Context, _ bus.Delivery, m *busv1.Task) error {
		if !fixed.Load() {
			return errors.New("a defect")
		}
		found.add(m)
		return nil
	})
	bustest.Run(t, r)
	dead := letters(t, b)
	task := bustest.Task(tenant)
	publish(t, b, task)
	l := dead.reaches(t, 1)[0]
	fixed.Store(true)
	require.NoError(t, b.Replay(t.Context(), l))
	require.True(t, proto.Equal(task, found.reaches(t, 1)[0]))
	other := l
	other.Tenant = bustest.Tenant()
	require.Equal(t, errs.Invalid, errs.KindOf(b.Replay(t.Context(), other)))
}

func TestLetterThatCannotBeStoredStays(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	b := bustest.Open(t, address, func(c *bus.Config) { c.ReclaimAfter = 200 * time.Millisecond })
	var tries atomic.Int64
	r := router(t, b, time.Second)
	bus.ConsumePoison(r, func(context.Context, bus.PoisonLetter) error {
		if tries.Add(1) < 3 {
			return errors.New("Postgres is away")
		}
		return nil
	})
	bustest.Run(t, r)
	bustest.Junk(t, address, tenant, "poison", map[string]any{"junk": "straight into the poison queue"})
	empty(t, address, tenant, "poison")
	require.Equal(t, int64(3), tries.Load())
}
