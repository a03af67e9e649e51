package commit_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
)

// slowly has a campaign called slow take a second to be written, so that others come while it is.
func slowly(t *testing.T) *committest.World {
	w, _ := begin(t)
	w.Exec("create function public.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$")
	w.Exec("create trigger slow before insert on campaigns for each row when (new.name = 'slow') execute function public.slow()")
	return w
}

// submitting is a call that is under way.
type submitting struct {
	made commit.Whole
	err  error
}

// together submits one goal that takes long, and while it does the others.
func together(w *committest.World, others ...func() (commit.Whole, error)) []submitting {
	out := make([]submitting, len(others))
	var all sync.WaitGroup
	all.Go(func() {
		camp, params, accounts := goal(w, "trend-post")
		camp.Name = "slow"
		_, err := w.Commit.CreateRunning(w.T.Context(), w.Operator, commit.Idempotency{}, camp, params, accounts)
		require.NoError(w.T, err)
	})
	time.Sleep(300 * time.Millisecond)
	for i, submit := range others {
		all.Go(func() { out[i].made, out[i].err = submit() })
	}
	all.Wait()
	return out
}

// Decision 0088: submissions that come while others are written are one transaction, each as if it had come alone.
func TestSubmissionsThatComeTogetherAreOneTransaction(t *testing.T) { // R7.4
	w := slowly(t)
	alone := func(actor, request string, change func(agent *string)) func() (commit.Whole, error) {
		return func() (commit.Whole, error) {
			camp, params, accounts := goal(w, "trend-post")
			change(&camp.AgentID)
			return w.Commit.CreateRunning(w.T.Context(), tenancy.Scope{Tenant: w.Operator.Tenant, Actor: actor, RequestID: request}, key(request), camp, params, accounts)
		}
	}
	as := func(actor, request string) func() (commit.Whole, error) {
		return alone(actor, request, func(*string) {})
	}
	draft := func() (commit.Whole, error) {
		camp, params, accounts := goal(w, "trend-post")
		return w.Commit.CreateCampaign(w.T.Context(), w.Operator, key("draft"), camp, params, accounts)
	}
	out := together(w, as("ann", "r1"), as("ann", "r2"), as("ann", "r3"), as("ben", "r4"), draft,
		alone("ann", "r5", func(agent *string) { *agent = uuid.NewString() }))
	for i := range 5 {
		require.NoError(t, out[i].err)
	}
	require.Equal(t, errs.NotFound, errs.KindOf(out[5].err), "one that cannot be stored does not hold up the others")
	one := func(i int) string {
		return w.Texts("select xmin::text from campaigns where id = $1", out[i].made.ID)[0]
	}
	require.Equal(t, one(0), one(1))
	require.Equal(t, one(0), one(2))
	require.NotEqual(t, one(0), one(3), "a turn acts for one person")

	alike := rowsOf(w, out[0].made.ID)
	require.Greater(t, len(alike), 10)
	for i, request := range []string{"r1", "r2", "r3", "r4"} {
		require.Len(t, rowsOf(w, out[i].made.ID), len(alike))
		require.Equal(t, []string{map[bool]string{true: "ann ", false: "ben "}[i < 3] + request}, w.Texts(
			"select distinct actor || ' ' || request_id from audit_entries where object_id = $1::uuid::text", out[i].made.ID), "each entry names its own caller")
		require.Equal(t, []string{request}, w.Texts("select distinct request_id from tasks where campaign_id = $1", out[i].made.ID))
		require.Equal(t, "running", out[i].made.State)
		require.NotEmpty(t, out[i].made.Progress)
	}
	require.Equal(t, rowsOf(w, out[4].made.ID)[0], w.Texts("select (to_jsonb(c) - '{id,created_at,updated_at}'::text[])::text from campaigns c where id = $1", draftAlone(t, w))[0])
	require.Nil(t, verify(t, w, w.Operator))
}

func draftAlone(t *testing.T, w *committest.World) string {
	camp, params, accounts := goal(w, "trend-post")
	made, err := w.Commit.CreateCampaign(t.Context(), w.Operator, commit.Idempotency{}, camp, params, accounts)
	require.NoError(t, err)
	return made.ID
}

// Of calls with one key that come together the first makes the campaign, and the others find it, here as in another replica.
func TestOneKeyTwiceTogether(t *testing.T) { // R7.4
	w := slowly(t)
	submit := func(c *commit.Committer, k commit.Idempotency, name string) func() (commit.Whole, error) {
		return func() (commit.Whole, error) {
			camp, params, accounts := goal(w, "trend-post")
			camp.Name = name
			return c.CreateRunning(w.T.Context(), w.Operator, k, camp, params, accounts)
		}
	}
	other := key("k")
	other.RequestSHA256 = "another"
	out := together(w, submit(w.Commit, key("k"), "n"), submit(w.Commit, key("k"), "n"))
	require.NoError(t, out[0].err)
	require.NoError(t, out[1].err)
	require.Equal(t, out[0].made.ID, out[1].made.ID)
	_, err := submit(w.Commit, other, "n")()
	require.ErrorContains(t, err, "use a new one")

	slower := w.Commit
	w.Restart()
	var late submitting
	var all sync.WaitGroup
	all.Go(func() { late.made, late.err = submit(slower, key("twin"), "slow")() })
	time.Sleep(300 * time.Millisecond)
	quick, err := submit(w.Commit, key("twin"), "n")()
	require.NoError(t, err)
	all.Wait()
	require.NoError(t, late.err)
	require.Equal(t, quick.ID, late.made.ID)
	require.Equal(t, []string{"1"}, w.Texts("select count(*)::text from campaigns where name = 'slow'"), "only the one that came alone")
}
