package worker_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/bus"
	"chimera/services/worker/internal/workertest"
)

// field is the worker's surroundings: a bus, an orchestrator, a skill, each real or strict.
type field struct {
	orch    *workertest.Orchestrator
	bus     *bus.Bus
	effects func() []string
	env     []string
}

func newField(t *testing.T) *field {
	t.Helper()
	redis := miniredis.RunT(t)
	f := &field{orch: workertest.NewOrchestrator(t)}
	var ledger string
	ledger, f.effects = workertest.Ledger(t)
	skill := workertest.Skill(t, "", "CHIMERA_ORCHESTRATOR_URL="+f.orch.URL, "CHIMERA_GRANT_PUBLIC_KEYS="+f.orch.PublicKey, "FIXTURE_LEDGER="+ledger)
	url := "redis://" + redis.Addr()
	f.env = []string{
		"CHIMERA_REDIS_URL=" + url, "CHIMERA_REDIS_EMBEDDED=true", "CHIMERA_BUS_RECLAIM_AFTER=2s", "CHIMERA_ORCHESTRATOR_URL=" + f.orch.URL,
		"CHIMERA_SKILLS=fixture=http://" + skill.Addr + "/mcp", "CHIMERA_WORKER_DRAIN=1s",
	}
	var err error
	f.bus, err = bus.Open(t.Context(), bus.Config{URL: url, Embedded: true, Consumer: "judge", Metrics: prometheus.NewRegistry()}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	router, err := bus.NewRouter(f.bus, bus.RouterConfig{Drain: time.Second})
	require.NoError(t, err)
	bus.Handle(router, bus.Results, bus.Options{}, func(ctx context.Context, _ bus.Delivery, r *busv1.Result) error { return f.orch.Deliver(ctx, r) })
	ctx, cancel := context.WithCancel(context.Background())
	var ended atomic.Bool
	done := make(chan struct{})
	go func() { _ = router.Run(ctx); ended.Store(true); close(done) }()
	t.Cleanup(func() { cancel(); <-done; _ = f.bus.Close() })
	return f
}

func (f *field) worker(t *testing.T, id string, env ...string) *workertest.Process {
	t.Helper()
	return workertest.Start(t, workertest.Binary(t, "chimera/services/worker/cmd/worker"), append(append([]string{"CHIMERA_WORKER_ID=" + id}, f.env...), env...)...)
}

func (f *field) send(t *testing.T, tasks ...*busv1.Task) {
	t.Helper()
	for _, task := range tasks {
		env, err := bus.Tasks.Envelope(t.Context(), task)
		require.NoError(t, err)
		require.NoError(t, f.bus.Publish(t.Context(), env))
	}
}

func (f *field) task(t *testing.T, tool, text string, change ...func(*busv1.Task)) *busv1.Task {
	t.Helper()
	return f.orch.Task(t, tool, f.orch.Tool(t, tool).GetDigest(), `{"text":"`+text+`"}`, change...)
}

func (f *field) results(t *testing.T, n int) []*busv1.Result {
	t.Helper()
	var accepted []*busv1.Result
	require.Eventually(t, func() bool { accepted, _ = f.orch.Results(); return len(accepted) >= n }, 20*time.Second, 20*time.Millisecond)
	return accepted
}

func TestTasksBecomeResultsOverTheBus(t *testing.T) {
	f := newField(t)
	f.worker(t, "w-1")
	effect := f.task(t, "fixture.post", "hi", f.orch.Effect(t))
	for range 5 { // duplicate delivery
		f.send(t, effect)
	}
	for range 20 {
		f.send(t, f.task(t, "fixture.echo", "hi"))
	}
	require.Len(t, f.results(t, 21), 21)
	require.Len(t, f.effects(), 1)
}

// TestKilledWorkersTaskIsDoneByAnother: kill -9 in mid-task loses nothing and doubles nothing.
func TestKilledWorkersTaskIsDoneByAnother(t *testing.T) { // R12.4
	f := newField(t)
	first := f.worker(t, "w-1")
	task := f.task(t, "fixture.hang", "x", func(k *busv1.Task) { k.Resources.Timeout = durationpb.New(3 * time.Second) })
	f.send(t, task)
	require.Eventually(t, func() bool { return f.orch.Running(task.GetId()) }, 15*time.Second, 10*time.Millisecond)
	first.Kill()
	f.send(t, task) // what the bus still holds, or holds twice, is refused while and after the lease
	again := f.orch.Redispatch(t, task.GetId())
	f.worker(t, "w-2")
	f.send(t, again)
	res := f.results(t, 1)[0]
	require.EqualValues(t, 2, res.GetAttempt())
	require.Equal(t, "w-2", res.GetWorkerId())
	_, stale := f.orch.Results()
	require.Empty(t, stale)
}

// TestWorkerKilledInMidEffect: nobody executes it a second time; reading back is the orchestrator's.
func TestWorkerKilledInMidEffect(t *testing.T) {
	f := newField(t)
	first := f.worker(t, "w-1")
	task := f.task(t, "fixture.post", "hang after", f.orch.Effect(t))
	f.send(t, task)
	require.Eventually(t, func() bool { return len(f.effects()) == 1 }, 15*time.Second, 10*time.Millisecond)
	first.Kill()
	again := f.orch.Redispatch(t, task.GetId())
	f.worker(t, "w-2")
	f.send(t, again)
	require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE, f.results(t, 1)[0].GetOutcome(), "its grant was consumed: this attempt did nothing")
	require.Len(t, f.effects(), 1)
}

func TestStopDrainsAndReports(t *testing.T) {
	f := newField(t)
	w := f.worker(t, "w-1")
	task := f.task(t, "fixture.hang", "x")
	f.send(t, task)
	require.Eventually(t, func() bool { return f.orch.Running(task.GetId()) }, 15*time.Second, 10*time.Millisecond)
	require.True(t, w.Stop(10*time.Second), "ends by itself")
	res := f.results(t, 1)[0]
	require.True(t, res.GetRetryable())
}

func TestMisconfiguredWorkerSaysSoAndEnds(t *testing.T) {
	f := newField(t)
	w := f.worker(t, "w-1", "CHIMERA_SKILLS=nonsense")
	require.True(t, w.Wait(10*time.Second))
	require.Contains(t, w.Output(), "CHIMERA_SKILLS is malformed")
}
