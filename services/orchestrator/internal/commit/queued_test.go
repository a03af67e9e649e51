package commit_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

// open is a world whose transactions send what they ready, within the window.
func open(t *testing.T, window int) (*committest.World, <-chan []commit.Outgoing) {
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	out := w.Commit.Dispatch(window)
	w.Commit.OpenOutbox(true)
	return w, out
}

// Decision 0082: what TakeReady would take at once is written as queued, and no row twice.
func TestWhatFitsTheWindowIsWrittenAsQueued(t *testing.T) { // R7.4, R12.3
	w, out := open(t, 100)
	camp := w.Start(w.Operator, w.Agent, w.Account, 0)
	first := <-out
	require.Len(t, first, 2)
	for _, m := range first {
		k := task(w, m.Task.GetId())
		require.Equal(t, "queued", k.State)
		require.EqualValues(t, 1, k.StateVersion, "written once")
		require.Equal(t, commit.Message(w.Operator.Tenant, k, nil, nil).String(), m.Task.String(), "what is sent is what is stored")
	}
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		progress, err := tx.CampaignsProgress(ctx, []string{camp.ID})
		require.EqualValues(t, 2, progress[camp.ID]["queued"])
		return err
	})
	time.Sleep(20 * time.Millisecond)
	lost, err := w.Commit.LostDispatches(t.Context(), w.Operator, 10*time.Millisecond)
	require.NoError(t, err)
	require.Len(t, lost, 2, "a message that never reached the bus is found again")

	for _, m := range first {
		w.Do(w.Operator, m.Task)
	}
	draft := <-out
	require.Len(t, draft, 1)
	k := task(w, draft[0].Task.GetId())
	require.Equal(t, "queued", k.State)
	require.EqualValues(t, 2, k.StateVersion, "written, and queued by the last verdict")
	var dependsOn []string
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
		dependsOn, err = tx.TaskDependencies(ctx, k.ID)
		return err
	})
	require.Len(t, dependsOn, 2)
	require.Equal(t, commit.Message(w.Operator.Tenant, k, dependsOn, nil).String(), draft[0].Task.String())
}

// What TakeReady would leave stays ready, and what it would order is left to it.
func TestWhatDoesNotFitIsLeftToTakeReady(t *testing.T) { // R8.4, R10.7, R12.3
	states := func(w *committest.World, campaign string) map[string]int32 {
		var progress map[string]map[string]int32
		w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
			progress, err = tx.CampaignsProgress(ctx, []string{campaign})
			return err
		})
		return progress[campaign]
	}
	t.Run("the window is short", func(t *testing.T) {
		w, out := open(t, 3)
		w.Start(w.Operator, w.Agent, w.Account, 0)
		require.Len(t, <-out, 2)
		camp := w.Start(w.Operator, w.Agent, w.Account, 0)
		require.Len(t, <-out, 1)
		require.EqualValues(t, 1, states(w, camp.ID)["ready"])
		camp = w.Start(w.Operator, w.Agent, w.Account, 0)
		require.Empty(t, out, "the tenant is behind")
		require.EqualValues(t, 2, states(w, camp.ID)["ready"])
	})
	t.Run("older work waits", func(t *testing.T) {
		w, out := open(t, 3)
		w.Commit.OpenOutbox(false)
		older := w.Start(w.Operator, w.Agent, w.Account, 0)
		w.Commit.OpenOutbox(true)
		newer := w.Start(w.Operator, w.Agent, w.Account, 0)
		require.Len(t, <-out, 3)
		require.EqualValues(t, 2, states(w, older.ID)["queued"], "first come, first sent")
		require.EqualValues(t, 1, states(w, newer.ID)["queued"])
	})
	t.Run("a stop is on", func(t *testing.T) {
		w, out := open(t, 100)
		_, err := w.Commit.PressStop(t.Context(), w.Operator, "agent", w.Agent.ID, "drill")
		require.NoError(t, err)
		camp := w.Start(w.Operator, w.Agent, w.Account, 0)
		require.Empty(t, out)
		require.EqualValues(t, 2, states(w, camp.ID)["ready"])
	})
	t.Run("a tool changed under its pin", func(t *testing.T) {
		w, out := open(t, 100)
		w.Start(w.Operator, w.Agent, w.Account, 0)
		require.Len(t, <-out, 2)
		w.Offer("v2")
		camp := w.Start(w.Operator, w.Agent, w.Account, 0)
		require.Empty(t, out)
		require.EqualValues(t, 2, states(w, camp.ID)["ready"])
	})
	t.Run("the campaign is paused", func(t *testing.T) {
		w, out := open(t, 100)
		camp := w.Start(w.Operator, w.Agent, w.Account, 0)
		first := <-out
		camp, err := w.Commit.PauseCampaign(t.Context(), w.Operator, camp.ID, camp.StateVersion, "wait")
		require.NoError(t, err)
		for _, m := range first {
			w.Do(w.Operator, m.Task)
		}
		require.Empty(t, out)
		require.EqualValues(t, 1, states(w, camp.ID)["ready"], "the draft is bound and stays")
	})
}

// Decision 0087: a quarter of the room that was found is sent without counting again, and no more.
func TestRoomIsLent(t *testing.T) { // R12.3
	w, out := open(t, 100)
	w.Start(w.Operator, w.Agent, w.Account, 0)
	require.Len(t, <-out, 2)
	w.Exec("insert into task_count_changes (tenant_id, state, n) values ($1, 'running', 1000)", string(w.Operator.Tenant))
	sent := 2
	for range 20 {
		w.Start(w.Operator, w.Agent, w.Account, 0)
		if len(out) == 0 {
			break
		}
		sent += len(<-out)
	}
	require.Greater(t, sent, 2, "nobody counted: the window would have been full")
	require.LessOrEqual(t, sent, 2+100/4, "what was lent is used up, and the count finds the window full")
	require.Empty(t, out)
}

// A submission and a result that send what they ready ask no more than those that leave it.
func TestSendingAtOnceAsksNothing(t *testing.T) { // R7.4
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	at, err := url.Parse(w.URL)
	require.NoError(t, err)
	counted := countRoundTrips(t, at.Host)
	at.Host = counted.addr
	w.Store = committest.OpenStore(t, at.String())
	w.Restart()
	out := w.Commit.Dispatch(100)
	w.Commit.OpenOutbox(true)
	var start, verdict int64
	for range 3 { // the first prepares the statements
		from := counted.n.Load()
		w.Start(w.Operator, w.Agent, w.Account, 0)
		start = counted.n.Load() - from
		for _, m := range <-out {
			done := committest.Success(m.Task, w.Claim(m.Task), committest.Output(m.Task))
			from = counted.n.Load()
			recorded, err := w.Commit.RecordResult(t.Context(), w.Operator, done)
			require.NoError(t, err)
			require.True(t, recorded.Applied)
			verdict = counted.n.Load() - from
		}
		require.Len(t, <-out, 1)
	}
	from := counted.n.Load()
	_, err = w.Commit.CreateRunning(t.Context(), w.Operator, commit.Idempotency{}, store.Campaign{AgentID: w.Agent.ID, Name: "n", Goal: "g", Playbook: "trend-post"},
		&platformv1.CampaignParameters{Feeds: []string{"https://example.org/feed.xml"}}, []string{w.Account.ID})
	require.NoError(t, err)
	require.LessOrEqual(t, counted.n.Load()-from, int64(3), "the queue is looked at with the campaign's parts")
	require.Len(t, <-out, 2)
	t.Logf("%d questions for creating and starting, %d for a result that sends the next step", start, verdict)
	require.LessOrEqual(t, start, int64(7))
	require.LessOrEqual(t, verdict, int64(6))
}
