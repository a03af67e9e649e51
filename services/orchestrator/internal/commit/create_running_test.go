package commit_test

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

func goal(w *committest.World, playbook string) (store.Campaign, *platformv1.CampaignParameters, []string) {
	return store.Campaign{AgentID: strings.ToUpper(w.Agent.ID), Name: "n", Goal: "g", Playbook: playbook},
		&platformv1.CampaignParameters{Feeds: []string{"https://example.org/feed.xml"}, BudgetMicros: 7}, []string{strings.ToUpper(w.Account.ID)}
}

func key(name string) commit.Idempotency {
	return commit.Idempotency{Method: "m", Key: name, RequestSHA256: "s"}
}

// rowsOf is all that a campaign left behind, but for its ids and times.
func rowsOf(w *committest.World, id string) (all []string) {
	for _, query := range []string{
		"select (to_jsonb(c) - '{id,created_at,updated_at}'::text[])::text from campaigns c where id = $1",
		"select (to_jsonb(a) - 'campaign_id')::text from campaign_accounts a where campaign_id = $1",
		"select (to_jsonb(p) - '{campaign_id,created_at}'::text[])::text from plans p where campaign_id = $1",
		"select replace((to_jsonb(t) - '{id,created_at,updated_at,not_before,deadline,dispatched_at}'::text[])::text, $1::uuid::text, 'ID') || (deadline - not_before)::text from tasks t where campaign_id = $1 and deadline is not null order by node",
		"select replace((to_jsonb(t) - '{id,created_at,updated_at,not_before,deadline,dispatched_at}'::text[])::text, $1::uuid::text, 'ID') from tasks t where campaign_id = $1 and deadline is null order by node",
		"select t.node || ' waits for ' || d.node from task_edges e join tasks t on t.id = e.task_id join tasks d on d.id = e.depends_on where t.campaign_id = $1 order by 1",
		"select concat_ws(' ', action, actor, object_type, request_id, detail) from audit_entries where object_id = $1::uuid::text order by seq",
	} {
		all = append(all, w.Texts(query, id)...)
	}
	return all
}

// TestCreatedAndStartedAtOnce (F-01, R7.4): one question after the other is counted, and what is left behind is what
// the two calls leave.
func TestCreatedAndStartedAtOnce(t *testing.T) {
	w, _ := begin(t)
	at, err := url.Parse(w.URL)
	require.NoError(t, err)
	counted := countRoundTrips(t, at.Host)
	at.Host = counted.addr
	w.Store = committest.OpenStore(t, at.String())
	w.Restart()
	camp, params, accounts := goal(w, "trend-post")

	var asked int64
	var at1 commit.Whole
	for i := range 3 { // the first prepares the statements
		before := counted.n.Load()
		at1, err = w.Commit.CreateRunning(t.Context(), w.Operator, key(strconv.Itoa(i)), camp, params, accounts)
		require.NoError(t, err)
		asked = counted.n.Load() - before
	}
	t.Logf("%d questions", asked)
	require.LessOrEqual(t, asked, int64(4))

	made, err := w.Commit.CreateCampaign(t.Context(), w.Operator, commit.Idempotency{}, camp, params, accounts)
	require.NoError(t, err)
	by2, err := w.Commit.StartCampaign(t.Context(), w.Operator, made.ID, made.StateVersion)
	require.NoError(t, err)
	want, got := rowsOf(w, by2.ID), rowsOf(w, at1.ID)
	require.Greater(t, len(want), 10)
	require.Equal(t, want, got)
	require.Contains(t, strings.Join(got, "\n"), "campaign.started")

	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.CampaignGet(ctx, at1.ID)
		require.Equal(t, row, respelled(t, at1, row).Campaign, "the answer is what is there")
		return err
	})
	by2.ID, by2.CreatedAt, by2.UpdatedAt = at1.ID, at1.CreatedAt, at1.UpdatedAt
	require.Equal(t, by2, respelled(t, at1, by2.Campaign))
	require.Nil(t, verify(t, w, w.Operator))
}

// respelled is a campaign with its parameters as Postgres spells them: who has just created it has them as they were sent.
func respelled(t *testing.T, w commit.Whole, as store.Campaign) commit.Whole {
	t.Helper()
	require.JSONEq(t, string(as.Parameters), string(w.Parameters))
	w.Parameters = as.Parameters
	return w
}

// A repeat answers the campaign, whatever became of it, and starts nothing anew.
func TestCreatedAndStartedOnceUnderItsKey(t *testing.T) { // R7.4
	w, _ := begin(t)
	camp, params, accounts := goal(w, "trend-post")
	made, err := w.Commit.CreateRunning(t.Context(), w.Operator, key("k"), camp, params, accounts)
	require.NoError(t, err)
	before := rowsOf(w, made.ID)
	again, err := w.Commit.CreateRunning(t.Context(), w.Operator, key("k"), camp, params, accounts)
	require.NoError(t, err)
	require.Equal(t, again, respelled(t, made, again.Campaign))
	require.Equal(t, before, rowsOf(w, made.ID))
	_, err = w.Commit.CancelCampaign(t.Context(), w.Operator, made.ID, made.StateVersion, "enough")
	require.NoError(t, err)
	again, err = w.Commit.CreateRunning(t.Context(), w.Operator, key("k"), camp, params, accounts)
	require.NoError(t, err)
	require.Equal(t, "cancelled", again.State)
	require.EqualValues(t, 1, again.PlanVersion)
	require.Equal(t, []string{"2"}, w.Texts("select count(*)::text from campaigns"), "the world's own and this")
}

// What cannot be planned leaves nothing behind, its key included.
func TestNothingIsLeftOfWhatCannotStart(t *testing.T) { // R7.1, R7.4
	w, _ := begin(t)
	left := func() []string {
		return w.Texts("select (select count(*) from campaigns) || ' ' || (select count(*) from plans) || ' ' || (select count(*) from tasks) || ' ' || (select count(*) from audit_entries) || ' ' || (select count(*) from idempotency_keys)")
	}
	other, _ := w.Tenant("borealis")
	_, foreign := w.Fleet(other)
	before := left()
	for name, try := range map[string]func(*store.Campaign, *[]string, *platformv1.CampaignParameters){
		"an unknown playbook": func(c *store.Campaign, _ *[]string, _ *platformv1.CampaignParameters) { c.Playbook = "none" },
		"no account":          func(_ *store.Campaign, a *[]string, _ *platformv1.CampaignParameters) { *a = nil },
		"another's account":   func(_ *store.Campaign, a *[]string, _ *platformv1.CampaignParameters) { *a = []string{foreign.ID} },
		"an unknown agent":    func(c *store.Campaign, _ *[]string, _ *platformv1.CampaignParameters) { c.AgentID = uuid.NewString() },
		"a password in a feed": func(_ *store.Campaign, _ *[]string, p *platformv1.CampaignParameters) {
			p.Feeds = []string{"https://u:p@example.org/"}
		},
	} {
		camp, params, accounts := goal(w, "trend-post")
		try(&camp, &accounts, params)
		_, want := w.Commit.CreateCampaign(t.Context(), w.Operator, commit.Idempotency{}, camp, params, accounts)
		_, err := w.Commit.CreateRunning(t.Context(), w.Operator, key(name), camp, params, accounts)
		require.Error(t, err, name)
		require.Equal(t, errs.KindOf(want), errs.KindOf(err), name)
		require.Equal(t, want.Error(), err.Error(), name)
	}
	require.Equal(t, before, left())
}

// While no worker offers a tool the first steps wait for it, as after StartCampaign.
func TestCreatedAndStartedBeforeItsTools(t *testing.T) { // R8.4
	w := committest.New(t, committest.Settings())
	camp, params, accounts := goal(w, "trend-post")
	at1, err := w.Commit.CreateRunning(t.Context(), w.Operator, key("k"), camp, params, accounts)
	require.NoError(t, err)
	made, err := w.Commit.CreateCampaign(t.Context(), w.Operator, commit.Idempotency{}, camp, params, accounts)
	require.NoError(t, err)
	by2, err := w.Commit.StartCampaign(t.Context(), w.Operator, made.ID, made.StateVersion)
	require.NoError(t, err)
	require.Equal(t, rowsOf(w, by2.ID), rowsOf(w, at1.ID))
	by2.ID, by2.CreatedAt, by2.UpdatedAt = at1.ID, at1.CreatedAt, at1.UpdatedAt
	require.Equal(t, by2, respelled(t, at1, by2.Campaign))
	require.Contains(t, strings.Join(rowsOf(w, at1.ID), "\n"), typev1.Reason_REASON_TOOL_UNKNOWN.String())
}
