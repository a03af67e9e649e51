package chaos_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// TestPoison: junk on the bus and a task that kills its worker end as dead letters, and their neighbours do not
// notice (R12.3).
func TestPoison(t *testing.T) {
	gate(t)
	w := start(t, world.Setup{Workers: 4})
	t.Run("1,000 junk entries", func(t *testing.T) { junk(t, w) })
	t.Run("a task that kills its worker", func(t *testing.T) { killer(t, w) })
	require.Empty(t, referee.Settle(w.Ledger(t)))
}

func junk(t *testing.T, w *world.World) {
	const n = 1000
	kinds := []map[string]any{
		{"anything": "at all"},
		{"_watermill_message_uuid": "x", "payload": "\xff\xfe", "metadata": "junk"},
		{"_watermill_message_uuid": "", "payload": ""},
		{"payload": string(make([]byte, 64<<10))},
	}
	before := letters(t, w, "aurora")
	for i := range n {
		w.Inject(t, "aurora", world.Queues[i%len(world.Queues)], kinds[i%len(kinds)])
	}
	began := time.Now()
	same, other := w.Launch(t, world.Options{}), w.Launch(t, world.Options{Tenant: "borealis"})
	for _, r := range []*world.Run{other, same} {
		r.ApproveAll(t)
		r.Completed(t)
	}
	t.Logf("two campaigns, one of them behind %d junk entries, took %s", n, time.Since(began).Round(100*time.Millisecond))
	world.Eventually(t, time.Minute, "a letter for every junk entry", func() bool { return letters(t, w, "aurora") >= before+n })
	require.EqualValues(t, before+n, letters(t, w, "aurora"), "a junk entry has two letters")
	require.Zero(t, letters(t, w, "borealis"))
}

func letters(t *testing.T, w *world.World, tenant string) int64 {
	t.Helper()
	return world.Column[int64](t, w.Database, "select count(*) from dead_letters where tenant_id = $1", w.Tenants[tenant])[0]
}

// killer is a task under which every worker dies: it is parked after its attempts, and one replay by hand brings it back.
func killer(t *testing.T, w *world.World) {
	feed, _ := w.Feeds.Hang("/killer.xml")
	r := w.Launch(t, world.Options{Feed: feed})
	neighbour := w.Launch(t, world.Options{})
	neighbour.ApproveAll(t)
	killed := 0
	var last int64
	world.Eventually(t, 2*time.Minute, "the killer's end", func() bool {
		task := r.Task(t, "collect")
		if task.State == "running" && task.Epoch > last {
			last = task.Epoch
			w.Crash(task.WorkerID)
			killed++
			w.Revive(t, task.WorkerID)
		}
		return task.State == "failed"
	})
	neighbour.Completed(t)
	require.Equal(t, 4, killed, "the playbook gives collect four attempts")
	require.Contains(t, r.Task(t, "collect").Error, "its worker was lost in each of 4 attempts")

	w.Feeds.Write("/killer.xml", rss)
	olga := w.As("olga")
	letter := exhausted(t, olga)
	replay := &platformv1.ReplayDeadLetterRequest{LetterId: letter.GetId(), StateVersion: letter.GetStateVersion(), Reason: "the feed is mended"}
	_, err := olga.ReplayDeadLetter(t.Context(), replay)
	require.NoError(t, err)
	_, err = olga.ReplayDeadLetter(t.Context(), replay)
	require.Error(t, err, "a letter was replayed twice")
	r.ApproveAll(t)
	r.Completed(t)
}

// exhausted finds the one letter that stands for a task and not for a message, among all that the junk left.
func exhausted(t *testing.T, olga world.Client) *platformv1.DeadLetter {
	t.Helper()
	for token, more := "", true; more; more = token != "" {
		list, err := olga.ListDeadLetters(t.Context(), &platformv1.ListDeadLettersRequest{PageSize: 200, PageToken: token, State: platformv1.DeadLetterState_DEAD_LETTER_STATE_OPEN})
		require.NoError(t, err)
		for _, letter := range list.GetLetters() {
			if strings.Contains(letter.GetReason(), "its worker was lost") {
				return letter
			}
		}
		token = list.GetNextPageToken()
	}
	require.FailNow(t, "no letter for the task that kills its worker")
	return nil
}

const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>Coffee</title>
<item><title>Grind right before you brew</title><link>https://example.org/grind</link><description>Coffee loses its smell within minutes after grinding.</description></item>
</channel></rss>`
