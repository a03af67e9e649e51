package chaos_test

import (
	"bufio"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// TestFairness: one tenant's 10,000 tasks do not make 99 others with ten each wait more than twice as long as they
// would without it (R9.1, R12.3).
func TestFairness(t *testing.T) {
	gate(t)
	const others, each, flood = 99, 10, 10_000
	w := start(t, world.Setup{Tenants: others + 1, Logins: others + 1})
	l := prepare(t, w, others+1, others+1, 1)
	l.startAll(t.Context())
	world.Eventually(t, 3*time.Minute, "every campaign's proposal", func() bool {
		return len(world.Column[string](t, w.Database, "select id::text from reviews where state = 'open'")) == others+1
	})
	const small = "between 't0001' and 't0099'"
	alone := waits(t, w, small, func() { copyTasks(t, w, small, "recall", each) })
	require.Len(t, alone, others*each)
	beside := waits(t, w, small, func() {
		copyTasks(t, w, "= 't0000'", "recall", flood)
		copyTasks(t, w, small, "recall", each)
	})
	p95 := func(all []float64) time.Duration { return time.Duration(all[len(all)*95/100] * float64(time.Second)) }
	t.Logf("p95 of the wait: alone %s, beside %d tasks of one tenant %s, of which %d were done meanwhile", p95(alone).Round(time.Millisecond), flood, p95(beside).Round(time.Millisecond),
		world.Column[int64](t, w.Database, "select count(*) from tasks x join tenants using (tenant_id) where slug = 't0000' and node = 'recall' and state = 'succeeded'")[0])
	require.LessOrEqual(t, p95(beside), 2*p95(alone))
}

// waits makes tasks while no worker runs, and answers how long each of the named tenants' took from the workers' start
// to its result, in seconds and order.
func waits(t *testing.T, w *world.World, slugs string, add func()) []float64 {
	t.Helper()
	for _, name := range w.Workers() {
		w.Crash(name)
	}
	from := world.Column[time.Time](t, w.Database, "select now()")[0]
	add()
	time.Sleep(3 * time.Second) // dispatch has filled the windows, as before a busy morning
	begin := world.Column[time.Time](t, w.Database, "select now()")[0]
	for _, name := range w.Workers() {
		w.Revive(t, name)
	}
	var took []float64
	const open = "select x.id::text from tasks x join tenants using (tenant_id) where slug "
	world.Eventually(t, 5*time.Minute, "the small tenants' tasks", func() bool {
		return len(world.Column[string](t, w.Database, open+slugs+" and x.created_at > $1 and x.state <> 'succeeded'", from)) == 0
	})
	took = world.Column[float64](t, w.Database, `select extract(epoch from min(r.created_at) - $2)::float8 from tasks x join tenants using (tenant_id) join results r on r.tenant_id = x.tenant_id and r.task_id = x.id
		where slug `+slugs+` and x.created_at > $1 group by x.tenant_id, x.id`, from, begin)
	slices.Sort(took)
	return took
}

// What 1,000 tenants at rest may cost each process.
const (
	mostGoroutines  = 250
	mostConnections = 12  // to Redis
	mostCommands    = 150 // of Redis per second, all processes together
	mostCPU         = 0.05
)

// TestThousandTenantsAtRest: every tenant has had a message on each queue; at rest they cost next to nothing (R12.3).
func TestThousandTenantsAtRest(t *testing.T) {
	gate(t)
	const n = 1000
	w := start(t, world.Setup{Tenants: n})
	for i := range n {
		for _, queue := range world.Queues {
			w.Inject(t, world.Tenant(i), queue, map[string]any{"payload": "junk"})
		}
	}
	world.Eventually(t, 3*time.Minute, "every tenant's messages being handled", func() bool {
		return world.Column[int64](t, w.Database, "select count(*) from dead_letters")[0] >= n*int64(len(world.Queues))
	})
	time.Sleep(5 * time.Second)
	const over = 10 * time.Second
	busy := []string{world.OrchestratorA, world.OrchestratorB, world.WorkerA, world.WorkerB}
	cpu := map[string]float64{}
	for _, name := range busy {
		cpu[name] = metric(t, w, name, "process_cpu_seconds_total")
	}
	before := commands(t, w)
	time.Sleep(over)
	rate := (commands(t, w) - before) / over.Seconds()
	clients := info(t, w, "clients", "connected_clients:") / float64(len(busy))
	t.Logf("%d tenants at rest: %.0f Redis commands/s, %.1f connections to it per process", n, rate, clients)
	for _, name := range busy {
		used := (metric(t, w, name, "process_cpu_seconds_total") - cpu[name]) / over.Seconds()
		goroutines := metric(t, w, name, "go_goroutines")
		t.Logf("%s: %.0f goroutines, %.1f %% of a core, %.0f MiB", name, goroutines, 100*used, metric(t, w, name, "process_resident_memory_bytes")/(1<<20))
		require.LessOrEqual(t, goroutines, float64(mostGoroutines), name)
		require.LessOrEqual(t, used, mostCPU, name)
	}
	require.LessOrEqual(t, rate, float64(mostCommands))
	require.LessOrEqual(t, clients, float64(mostConnections))
}

func commands(t *testing.T, w *world.World) float64 {
	t.Helper()
	return info(t, w, "stats", "total_commands_processed:")
}

func info(t *testing.T, w *world.World, section, key string) float64 {
	t.Helper()
	text, err := w.Streams.Info(t.Context(), section).Result()
	require.NoError(t, err)
	return number(t, text, key)
}

// metric is one of a process's own, by the name before its value.
func metric(t *testing.T, w *world.World, name, metric string) float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Ops(name)+"/metrics", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var text strings.Builder
	_, err = bufio.NewReader(res.Body).WriteTo(&text)
	require.NoError(t, err)
	return number(t, text.String(), metric+" ")
}

func number(t *testing.T, text, key string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), key); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			require.NoError(t, err)
			return n
		}
	}
	require.FailNow(t, "no "+key)
	return 0
}
