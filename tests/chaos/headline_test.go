package chaos_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/chaos/internal/schedule"
	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

const (
	tenants   = 25
	fullTasks = 10_000
	// budget is how long a run at scale 1 may take on two cores.
	budget = 8 * time.Minute
)

// Least faults of a run at scale 1; with fewer it proves nothing and is void, not passed.
const (
	leastKills, leastAgain, leastLost = 190, 50, 100
)

// TestNothingIsLostNothingIsTwice is the headline: tasks of all kinds over many tenants while everything is killed,
// wiped and crashed, and the platforms lose their answers (R7.2, R7.4, R10.5, R12.3).
func TestNothingIsLostNothingIsTwice(t *testing.T) {
	gate(t)
	s, by := seed(t), scale(t)
	campaigns := int(math.Ceil(fullTasks * by / tasksPerCampaign))
	w := start(t, world.Setup{Tenants: tenants, Workers: 4, Logins: campaigns * accountsPerCampaign / 2, Env: map[string][]string{"worker": {"CHIMERA_WORKER_CONCURRENCY=8"}}})
	if os.Getenv("CHIMERA_TEST_KEEP") == "" {
		t.Setenv("CHIMERA_TEST_KEEP", filepath.Join(os.TempDir(), "chimera-chaos-"+strconv.FormatUint(s, 10)))
	}
	began := time.Now()
	l := prepare(t, w, tenants, campaigns, accountsPerCampaign)
	tasks := campaigns * tasksPerCampaign
	t.Logf("%d tasks in %d campaigns of %d tenants, made in %s", tasks, campaigns, tenants, time.Since(began).Round(time.Second))
	replies := loseReplies(t, w, s)

	began = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(float64(budget)*max(by, 1)))
	defer cancel()
	var ended atomic.Int64
	blow := &storm{w: w, faults: schedule.Make(s, schedule.Full.Times(by), victims(w))}
	// Counting reads all tasks: ten times as many are counted a tenth as often.
	go every(ctx, time.Duration(float64(100*time.Millisecond)*max(by, 1)), func() { countEnded(ctx, w, &ended) })
	go every(ctx, 5*time.Second, func() {
		t.Logf("%4.0f s  %5d/%d tasks, %d campaigns started, %d approvals, %d tried again by hand; %s", time.Since(began).Seconds(), ended.Load(), tasks, l.started.Load(), l.approved.Load(), l.retried.Load(), blow)
	})
	l.run(ctx, t)
	blow.run(ctx, t, func() float64 { return float64(ended.Load()) / float64(tasks) })
	every(ctx, 250*time.Millisecond, func() {}, func() bool { return atRest(ctx, w) })
	took := time.Since(began)
	timely := ctx.Err() == nil
	cancel()

	lost := replies()
	again := world.Column[int64](t, w.Database, "select coalesce(sum(epoch), 0)::bigint - count(*) - (select count(*) from effects) from tasks")[0]
	t.Logf("%d tasks in %s (%.0f/s): %s, %d processes ended by themselves; %d re-executions, %d platform replies lost, %d tasks tried again by hand",
		ended.Load(), took.Round(time.Second), float64(ended.Load())/took.Seconds(), blow, blow.selfEnded.Load(), again, lost, l.retried.Load())
	judge(t, w)
	require.True(t, timely, "not all was done in %s", took)
	valid(t, by, "kills", blow.kills.Load(), leastKills)
	valid(t, by, "re-executions", again, leastAgain)
	valid(t, by, "lost replies", int64(lost), leastLost)
}

// loseReplies has the platforms lose 3 of 100 answers after they did what was asked, and hold back 2 of 100 posts'
// answers for longer than anybody waits. It answers how many that were.
func loseReplies(t *testing.T, w *world.World, s uint64) (count func() int) {
	t.Helper()
	fired := []func() int{
		w.Sandbox.Fail(t, world.Fault{Kind: "timeout_after_success", Op: "post.create", Rate: 0.02, Seed: s, DelayMS: int((world.EffectCall + 2*time.Second).Milliseconds())}),
		w.Sandbox.Fail(t, world.Fault{Kind: "drop_after_success", Rate: 0.03, Seed: s + 1}),
	}
	return func() (n int) {
		for _, f := range fired {
			n += f()
		}
		return n
	}
}

func countEnded(ctx context.Context, w *world.World, n *atomic.Int64) {
	var ended int64
	err := w.Database.QueryRow(ctx, "select count(*) from tasks where state in ('succeeded', 'rejected', 'failed', 'expired', 'cancelled') and node not like 'lookup:%'").Scan(&ended)
	if err == nil {
		n.Store(ended)
	}
}

// atRest says whether nothing is under way any more and nothing waits for one of the test's people.
func atRest(ctx context.Context, w *world.World) bool {
	var open int64
	err := w.Database.QueryRow(ctx, `select (select count(*) from tasks where state not in ('succeeded', 'rejected', 'expired', 'cancelled', 'failed') or (state = 'failed' and mode <> 'execute' and node not like 'lookup:%'))
		+ (select count(*) from campaigns where state in ('draft', 'running'))`).Scan(&open)
	return err == nil && open == 0
}

// judge holds the books against each other and fails with each finding and its history.
func judge(t *testing.T, w *world.World) {
	t.Helper()
	ledger := w.Ledger(t)
	states := map[string]int{}
	for _, r := range ledger.Records {
		states[r.State]++
	}
	found := referee.Settle(ledger)
	t.Logf("books: %d campaigns, %d tasks %v, %d effects, %d posts on the platforms, %d findings", len(ledger.Campaigns), len(ledger.Records), states, len(ledger.Effects), len(ledger.Creations), len(found))
	for i, f := range found {
		if i == 20 {
			t.Errorf("and %d more", len(found)-i)
			break
		}
		history := ""
		if f.Object != "" {
			history = "\n\t" + strings.Join(w.History(t, f.Object), "\n\t")
		}
		t.Errorf("%s%s", f, history)
	}
}

func valid(t *testing.T, by float64, what string, have int64, least float64) {
	t.Helper()
	if by < 1 {
		least = math.Floor(least * by * 0.5) // small runs are for looking, and chance weighs more in them
	} else {
		least *= by
	}
	require.GreaterOrEqual(t, float64(have), least, "void: there were only %d %s, so this run proves nothing", have, what)
}
