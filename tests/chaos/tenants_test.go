package chaos_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// TestFairness: one tenant's 10,000 tasks do not make 99 others with ten each wait more than twice as long as they
// would without it (R9.1, R12.3). The workers run all the time and the flood is there first: what is measured is the
// turns, not how fast a worker starts.
func TestFairness(t *testing.T) {
	gate(t)
	const others, each, flood = 99, 10, 10_000
	w := start(t, world.Setup{Tenants: others + 1, Logins: others + 1})
	l := prepare(t, w, others+1, others+1, 1)
	l.startAll(t.Context())
	world.Eventually(t, 3*time.Minute, "every campaign's proposal", func() bool {
		return len(world.Column[string](t, w.Database, "select id::text from reviews where state = 'open'")) == others+1
	})
	waits(t, w, each) // the first of a kind pays for connections and plans of statements
	alone := waits(t, w, each)
	require.Len(t, alone, others*each)

	copyTasks(t, w, "= 't0000'", "recall", flood)
	world.Eventually(t, 20*time.Second, "the flood being worked on", func() bool { return doneOf(t, w, flooding) > 100 })
	beside := waits(t, w, each)
	require.Len(t, beside, others*each)
	done := doneOf(t, w, flooding)
	require.Less(t, done, int64(flood), "void: the flood was over before the others' tasks were")

	p95 := func(all []time.Duration) time.Duration { return all[len(all)*95/100] }
	t.Logf("p95 of the wait: alone %s, beside %d tasks of one tenant %s (%d of them done meanwhile)", p95(alone).Round(time.Millisecond), flood, p95(beside).Round(time.Millisecond), done)
	require.LessOrEqual(t, p95(beside), 2*p95(alone))
}

const (
	flooding = "= 't0000'"
	small    = "between 't0001' and 't0099'"
)

func doneOf(t *testing.T, w *world.World, slugs string) int64 {
	t.Helper()
	return world.Column[int64](t, w.Database, "select count(*) from tasks x join tenants using (tenant_id) where slug "+slugs+" and node = 'recall' and x.state = 'succeeded'")[0]
}

// waits gives each of the small tenants so many tasks at once, and answers how long each task waited to be started, in
// order. It comes back when all of them are done.
func waits(t *testing.T, w *world.World, each int) []time.Duration {
	t.Helper()
	from := world.Column[time.Time](t, w.Database, "select clock_timestamp()")[0]
	copyTasks(t, w, small, "recall", each)
	const ours = " from tasks x join tenants using (tenant_id) where slug " + small + " and node = 'recall' and x.created_at > $1"
	world.Eventually(t, 2*time.Minute, "the small tenants' tasks", func() bool {
		return world.Column[int64](t, w.Database, "select count(*)"+ours+" and x.state <> 'succeeded'", from)[0] == 0
	})
	var took []time.Duration
	for _, seconds := range world.Column[float64](t, w.Database, "select extract(epoch from x.started_at - x.created_at)::float8"+ours, from) {
		took = append(took, time.Duration(seconds*float64(time.Second)))
	}
	slices.Sort(took)
	return took
}
