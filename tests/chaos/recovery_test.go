package chaos_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// TestRecoveryTimes measures how long each death costs, prints it, and holds it to its bound (R7.2, R12.3).
func TestRecoveryTimes(t *testing.T) {
	gate(t)
	// What decides here is as in production: how old a dispatch must be before it counts as lost.
	w := start(t, world.Setup{Tenants: 5, Workers: 4, Env: map[string][]string{"orchestrator": {"CHIMERA_TENANT_WINDOW=2500", "CHIMERA_QUEUED_OVERDUE=20s"}}})
	t.Run("a dead worker's tasks run again", func(t *testing.T) { workerDeaths(t, w) })
	t.Run("dispatch goes on without an orchestrator", func(t *testing.T) { orchestratorDeaths(t, w) })
	t.Run("the orchestrators are ready once Postgres is back", func(t *testing.T) { postgresDeaths(t, w) })
	t.Run("10,000 queued tasks are dispatched again after Redis was wiped", func(t *testing.T) { wipedQueue(t, w) })
}

// within prints a measurement's distribution and holds its p99 to a bound.
func within(t *testing.T, what string, bound time.Duration, took []time.Duration) {
	t.Helper()
	slices.Sort(took)
	p99 := took[max(0, (len(took)*99+99)/100-1)]
	t.Logf("%s: n %d, p50 %s, p99 %s, bound %s", what, len(took), took[len(took)/2].Round(time.Millisecond), p99.Round(time.Millisecond), bound)
	require.LessOrEqual(t, p99, bound, what)
}

// workerDeaths kills workers in pairs, of four, while their tasks wait for a platform that does not answer.
func workerDeaths(t *testing.T, w *world.World) {
	const rounds, accounts = 10, 12
	w.Sandbox.Fail(t, world.Fault{Kind: "slow", Op: "post.get", DelayMS: 110_000, Count: 10_000})
	platforms := slices.Repeat([]string{"mastodon"}, accounts)
	r := w.Launch(t, world.Options{Platforms: platforms})
	r.ApproveAll(t)
	var took []time.Duration
	kills := 0
	for round := range rounds {
		victims := []string{w.Workers()[round%4], w.Workers()[(round+1)%4]}
		world.Eventually(t, world.Patience, "tasks of every read-back", func() bool {
			// One set of tasks loses many workers here; in the field its attempts would be used up, and a person told.
			// The system writes to the same rows, so this may lose against it; then the next look does it.
			_, err := w.Database.Exec(t.Context(), "update tasks set max_attempts = 20, attempt = 1 where node like 'readback:%' and state = 'running'")
			if err != nil {
				return false
			}
			return len(world.Column[string](t, w.Database, "select id::text from tasks where campaign_id = $1 and node like 'readback:%' and state = 'running'", r.ID)) == accounts
		})
		type held struct {
			ID    string
			Epoch int64
		}
		killed := time.Now()
		for _, v := range victims {
			w.Crash(v)
			kills++
		}
		lost := world.Rows[held](t, w.Database, "select id::text, epoch from tasks where state = 'running' and worker_id = any($1)", victims)
		again := map[string]bool{}
		world.Eventually(t, 30*time.Second, "the dead workers' tasks running again", func() bool {
			for _, h := range lost {
				if !again[h.ID] && len(world.Column[string](t, w.Database, "select id::text from tasks where id = $1 and epoch > $2 and state = 'running'", h.ID, h.Epoch)) == 1 {
					again[h.ID] = true
					took = append(took, time.Since(killed))
				}
			}
			return len(again) == len(lost)
		})
		for _, v := range victims {
			w.Revive(t, v)
		}
	}
	t.Logf("%d kills of workers cost %d tasks a second attempt", kills, len(took))
	require.GreaterOrEqual(t, kills, 20)
	require.GreaterOrEqual(t, len(took), 20, "void: hardly a task was running where a worker died")
	within(t, "worker death to its tasks running again", world.Lease+3*time.Second, took)
	w.Sandbox.Heal(t)
}

// orchestratorDeaths starts a campaign right after each death and waits until a worker has its first task.
func orchestratorDeaths(t *testing.T, w *world.World) {
	var took []time.Duration
	for i := range 10 {
		r := w.Prepare(t, world.Options{Platforms: []string{"mastodon"}})
		victim := []string{world.OrchestratorA, world.OrchestratorB}[i%2]
		killed := time.Now()
		w.Crash(victim)
		world.Eventually(t, 20*time.Second, "the campaign's start", func() bool { return r.TryStart(t.Context()) == nil })
		world.Eventually(t, 20*time.Second, "the first task's claim", func() bool {
			return len(world.Column[string](t, w.Database, "select id::text from tasks where campaign_id = $1 and epoch > 0", r.ID)) > 0
		})
		took = append(took, time.Since(killed))
		w.Revive(t, victim)
	}
	within(t, "orchestrator death to the next dispatch", 3*time.Second, took)
}

func postgresDeaths(t *testing.T, w *world.World) {
	var took []time.Duration
	for range 3 {
		require.NoError(t, w.Postgres.Kill())
		time.Sleep(time.Second)
		require.False(t, ready(t, w, world.OrchestratorA), "an orchestrator calls itself ready without its database")
		require.NoError(t, w.Postgres.Start(t.Context()))
		back := time.Now()
		for _, name := range []string{world.OrchestratorA, world.OrchestratorB} {
			world.Eventually(t, 30*time.Second, name+" being ready", func() bool { return ready(t, w, name) })
		}
		took = append(took, time.Since(back))
	}
	within(t, "Postgres back to both orchestrators ready", 10*time.Second, took)
}

func ready(t *testing.T, w *world.World, name string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.Ops(name)+"/readyz", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// queueUp makes n tasks wait on the bus, the same in each of the first tenants, while no worker runs. They are copies
// of a real one, which only the database can make fast enough.
func queueUp(t *testing.T, w *world.World, tenants, n int) {
	t.Helper()
	for _, name := range w.Workers() {
		w.Crash(name)
	}
	l := prepare(t, w, tenants, tenants, 1)
	l.startAll(t.Context())
	world.Eventually(t, time.Minute, "a first task in each tenant", func() bool {
		return len(world.Column[string](t, w.Database, "select id::text from tasks where node = 'recall' and spec_digest <> ''")) >= tenants
	})
	copyTasks(t, w, "like 't0%'", "recall", n/tenants)
	world.Eventually(t, time.Minute, "the tasks being queued", func() bool { return onTheBus(t, w, tenants) >= n })
}

// copyTasks adds copies of each tenant's task of a node, ready to run.
func copyTasks(t *testing.T, w *world.World, slugs, node string, n int) {
	t.Helper()
	copyTasksOf(t, w, fmt.Sprintf("node = '%s' and tenant_id in (select tenant_id from tenants where slug %s)", node, slugs), n)
}

// copyTasksOf is copyTasks for those that meet a condition, one of each tenant. The copies are of no plan.
func copyTasksOf(t *testing.T, w *world.World, condition string, n int) {
	t.Helper()
	columns := `tenant_id, campaign_id, agent_id, plan_version, persona_version, node, kind, mode, tool, account_id, tainted, arguments, tool_digest, spec_digest,
		max_attempts, priority, timeout_ms, request_id, traceparent`
	plant(t, w, fmt.Sprintf(`insert into tasks (id, state, last_plan_version, %s) select gen_random_uuid(), 'ready', 0, %s
		from (select distinct on (tenant_id) * from tasks where spec_digest <> '' and %s) t, generate_series(1, %d)`,
		columns, columns, condition, n))
}

func onTheBus(t *testing.T, w *world.World, tenants int) (n int) {
	t.Helper()
	for i := range tenants {
		length, err := w.Streams.XLen(t.Context(), w.Stream(world.Tenant(i), "task")).Result()
		require.NoError(t, err)
		n += int(length)
	}
	return n
}

func wipedQueue(t *testing.T, w *world.World) {
	const n, of = 10_000, 5
	queueUp(t, w, of, n)
	require.NoError(t, w.Streams.FlushAll(t.Context()).Err())
	wiped := time.Now()
	require.Zero(t, onTheBus(t, w, of))
	world.Eventually(t, 2*time.Minute, "all of them on the bus again", func() bool { return onTheBus(t, w, of) >= n })
	within(t, "Redis wiped with 10,000 queued to all on the bus again", 30*time.Second, []time.Duration{time.Since(wiped)})
}
