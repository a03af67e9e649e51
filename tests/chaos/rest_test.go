package chaos_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// What 1,000 tenants at rest may cost (decision 0070): per process, and as parts of a core.
const (
	mostGoroutines  = 250
	mostConnections = 12  // to Redis
	mostCommands    = 150 // of Redis per second, all processes together
	mostCPU         = 0.05
	mostPostgres    = 0.10
	// mostGrowth is how much more the same may cost Postgres with a history of 30,000 tasks in its tables: nothing at
	// rest, and no task of a trickle, looks at what is over.
	mostGrowth = 1.5
)

// TestThousandTenantsAtRest: every tenant has had a message on each queue; at rest they cost next to nothing, and no
// more with a long history; nor does a trickle of ten tasks a second (R12.3).
func TestThousandTenantsAtRest(t *testing.T) {
	gate(t)
	const n = 1000
	w := start(t, world.Setup{Tenants: n})
	wake(t, w, n)
	world.Eventually(t, 2*time.Minute, "every tenant's messages being handled", func() bool {
		return world.Column[int64](t, w.Database, "select count(*) from dead_letters")[0] >= n*int64(len(world.Queues))
	})
	done := w.Launch(t, world.Options{})
	done.ApproveAll(t)
	done.Completed(t)
	source := w.Launch(t, world.Options{}) // it waits for a person, and so runs
	source.Reviews(t, 1)
	world.Eventually(t, time.Minute, "rest: each stream is looked at once more after its last message", func() bool {
		before := commands(t, w)
		time.Sleep(2 * time.Second)
		return commands(t, w)-before <= 2*mostCommands
	})

	fresh := resting(t, w)
	trickled := trickle(t, w, source)
	history(t, w, done, 5000)
	old := resting(t, w)
	again := trickle(t, w, source)
	t.Logf("Postgres at rest: %.1f %% of a core, with history %.1f %%; a task of a trickle %.1f ms, with history %.1f ms", 100*fresh, 100*old, trickled, again)
	// A hundredth of a core is what such a short look cannot tell from nothing.
	require.LessOrEqual(t, old, mostGrowth*fresh+0.01, "rest grows with history")
	require.LessOrEqual(t, again, mostGrowth*trickled+1, "a task's cost grows with history")
}

// wake puts a message nobody can read onto every queue of the first n tenants, and their names onto the list of those
// to listen to, as publishing does.
func wake(t *testing.T, w *world.World, n int) {
	t.Helper()
	pipe := w.Streams.Pipeline()
	for i := range n {
		tenant := world.Tenant(i)
		for _, queue := range world.Queues {
			pipe.XAdd(t.Context(), &redis.XAddArgs{Stream: w.Stream(tenant, queue), Values: map[string]any{"payload": "junk"}})
		}
		pipe.ZAdd(t.Context(), "chimera:tenants:active", redis.Z{Score: float64(time.Now().UnixMicro()), Member: w.Tenants[tenant]})
	}
	_, err := pipe.Exec(t.Context())
	require.NoError(t, err)
}

// resting holds what each process uses while nobody wants anything, and answers what Postgres does, in cores.
func resting(t *testing.T, w *world.World) float64 {
	t.Helper()
	const over = 8 * time.Second
	busy := []string{world.OrchestratorA, world.OrchestratorB, world.WorkerA, world.WorkerB}
	cpu := map[string]float64{}
	for _, name := range busy {
		cpu[name] = metric(t, w, name, "process_cpu_seconds_total")
	}
	before, began, sent := w.PostgresCPU(t), time.Now(), commands(t, w)
	time.Sleep(over)
	took := time.Since(began).Seconds()
	postgres := (w.PostgresCPU(t) - before).Seconds() / took
	rate := (commands(t, w) - sent) / took
	clients := info(t, w, "clients", "connected_clients:") / float64(len(busy))
	t.Logf("at rest: Postgres %.1f %% of a core, %.0f Redis commands/s, %.1f connections to it per process", 100*postgres, rate, clients)
	for _, name := range busy {
		used := (metric(t, w, name, "process_cpu_seconds_total") - cpu[name]) / took
		goroutines := metric(t, w, name, "go_goroutines")
		t.Logf("%s: %.0f goroutines, %.1f %% of a core, %.0f MiB", name, goroutines, 100*used, metric(t, w, name, "process_resident_memory_bytes")/(1<<20))
		require.LessOrEqual(t, goroutines, float64(mostGoroutines), name)
		require.LessOrEqual(t, used, mostCPU, name)
	}
	require.LessOrEqual(t, rate, float64(mostCommands))
	require.LessOrEqual(t, clients, float64(mostConnections))
	require.LessOrEqual(t, postgres, mostPostgres)
	return postgres
}

// trickle does ten tasks a second for ten seconds, and answers what each cost Postgres, in ms of a core.
func trickle(t *testing.T, w *world.World, source *world.Run) float64 {
	t.Helper()
	const rounds, each = 10, 10
	from := world.Column[time.Time](t, w.Database, "select now()")[0]
	before, read := w.PostgresCPU(t), rowsRead(t, w)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for range rounds {
		copyTasksOf(t, w, "node = 'recall' and campaign_id = '"+source.ID+"'", each)
		<-tick.C
	}
	world.Eventually(t, 20*time.Second, "the trickle's tasks", func() bool {
		return world.Column[int64](t, w.Database, "select count(*) from tasks where created_at > $1 and node = 'recall' and state = 'succeeded'", from)[0] >= rounds*each
	})
	cost := (w.PostgresCPU(t) - before).Seconds() * 1000 / (rounds * each)
	time.Sleep(2 * time.Second) // sessions tell what they read within a second
	for table, n := range rowsRead(t, w) {
		if per := (n - read[table]) / (rounds * each); per >= 10 {
			t.Logf("each task of the trickle reads %d rows of %s", per, table)
		}
	}
	return cost
}

// rowsRead is how many rows of each table have been read since Postgres was started: where to look when a cost grows.
func rowsRead(t *testing.T, w *world.World) map[string]int64 {
	t.Helper()
	read := map[string]int64{}
	for _, r := range world.Rows[struct {
		Table string
		Rows  int64
	}](t, w.Database, "select relname::text, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables") {
		read[r.Table] = r.Rows
	}
	return read
}

// history copies all that a campaign left in the books, times over, under new ids: as if the system had run for long.
func history(t *testing.T, w *world.World, of *world.Run, times int) {
	t.Helper()
	conn, err := w.Database.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	// The books' own triggers and references stay out of it: this makes bulk, not work.
	script := "begin; set local session_replication_role = replica;"
	for _, c := range []struct{ table, from, renamed string }{
		{"tasks", "s.campaign_id = '%s'", "{id}"},
		{"task_edges", taskOf, "{task_id,depends_on}"},
		{"results", taskOf, "{id,task_id}"},
		{"decisions", taskOf, "{id,task_id,result_id}"},
		{"reviews", taskOf, "{id,task_id,result_id}"},
		{"effects", "s.campaign_id = '%s'", "{id,task_id,platform_key}"},
		{"grants", taskOf, "{id,task_id,effect_id}"},
		{"posts", "s.campaign_id = '%s'", "{id,task_id,effect_id}"},
		{"audit_entries", "s.object_id in (select id::text from tasks where campaign_id = '%s')", "{seq}"},
	} {
		columns := world.Rows[struct{ Plain, Renamed string }](t, conn, `select string_agg(quote_ident(column_name), ', ' order by ordinal_position),
			string_agg(case when column_name <> all ($2::text[]) then 's.' || quote_ident(column_name)
				when column_name = 'last_plan_version' then '0' -- of no plan
				when udt_name = 'uuid' then format('md5(s.%1$I::text || n)::uuid', column_name)
				when udt_name = 'text' then format('s.%1$I || n', column_name)
				else format('s.%1$I + 1000000::bigint * n', column_name) end, ', ' order by ordinal_position)
			from information_schema.columns where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'`, c.table, c.renamed)[0]
		script += fmt.Sprintf("insert into %s (%s) select %s from %s s, generate_series(1, %d) n where %s; analyse %s;",
			c.table, columns.Plain, columns.Renamed, c.table, times, fmt.Sprintf(c.from, of.ID), c.table)
	}
	_, err = conn.Conn().PgConn().Exec(t.Context(), script+" commit;").ReadAll()
	require.NoError(t, err)
	made := world.Column[int64](t, w.Database, "select count(*) from tasks where campaign_id = $1", of.ID)[0]
	t.Logf("%d tasks of history", made)
	require.Greater(t, made, int64(5*times))
	// What rows of a year ago no longer cause: the first reads after them, and the writing out of the pages.
	plant(t, w, "vacuum", "checkpoint")
	time.Sleep(2 * time.Second)
}

const taskOf = "s.task_id in (select id from tasks where campaign_id = '%s')"
