package world

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"

	platformv1 "chimera/gen/go/chimera/platform/v1"
)

func blueskyHandle(i int) string  { return fmt.Sprintf("b%03d.test", i) }
func mastodonHandle(i int) string { return fmt.Sprintf("m%03d", i) }

// Patience bounds how long a campaign may take to its next step while nothing is broken; recovery from any single
// fault fits in too.
const Patience = 45 * time.Second

// Run is one campaign with accounts of its own, so that no other test's posts can be mistaken for its.
type Run struct {
	w        *World
	ID       string
	AgentID  string
	Accounts []*platformv1.Account
	Campaign *platformv1.Campaign
	operator Client
	tenant   string
}

// who does what in a tenant.
var cast = map[string]struct{ operator, reviewer, admin string }{
	"aurora": {"olga", "rafael", "ada"}, "borealis": {"boris", "boris", "boris"},
}

// Options of a campaign; the zero value posts to Bluesky in tenant aurora.
type Options struct {
	Platforms []string
	Tenant    string // its slug
	Feed      string
	Goal      string
}

// Prepare makes an agent, its accounts and a campaign, and does not start it.
func (w *World) Prepare(t testing.TB, o Options) *Run {
	t.Helper()
	ctx := t.Context()
	if len(o.Platforms) == 0 {
		o.Platforms = []string{"bluesky"}
	}
	tenant := cmp.Or(o.Tenant, "aurora")
	r := &Run{w: w, tenant: tenant, operator: w.As(cast[tenant].operator)}
	agent, err := r.operator.CreateAgent(ctx, &platformv1.CreateAgentRequest{Name: t.Name(), Persona: &platformv1.Persona{
		Voice:    "Warm, plain and curious.",
		Audience: "People who make coffee at home.", Topics: []string{"coffee"}, Language: "en", Hashtags: []string{"coffee"},
	}})
	require.NoError(t, err)
	r.AgentID = agent.GetAgent().GetId()
	var ids []string
	for _, platform := range o.Platforms {
		handle, secret := w.takeAccount(t, platform)
		a, err := w.As(cast[tenant].admin).ConnectAccount(ctx, &platformv1.ConnectAccountRequest{AgentId: r.AgentID, Platform: platform, Handle: handle, BaseUrl: w.Sandbox.URL, Secret: secret})
		require.NoError(t, err)
		r.Accounts = append(r.Accounts, a.GetAccount())
		ids = append(ids, a.GetAccount().GetId())
	}
	made, err := r.operator.CreateCampaign(ctx, &platformv1.CreateCampaignRequest{
		AgentId: r.AgentID, AccountIds: ids, Name: t.Name(), Playbook: "trend-post",
		Goal:       cmp.Or(o.Goal, "Help people make better coffee at home: one useful tip from this week's reading."),
		Parameters: &platformv1.CampaignParameters{Feeds: []string{cmp.Or(o.Feed, w.Sandbox.URL+"/feeds/home-coffee.xml")}, Slot: durationpb.New(time.Hour), MetricsAfter: durationpb.New(time.Second)},
	})
	require.NoError(t, err)
	r.Campaign, r.ID = made.GetCampaign(), made.GetCampaign().GetId()
	return r
}

func (w *World) takeAccount(t testing.TB, platform string) (handle, secret string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.accounts
	w.accounts++
	require.Less(t, i, w.logins(), "raise world.Accounts, or the setup's")
	if platform == "mastodon" {
		handle = mastodonHandle(i)
		return handle, w.secrets.all["access token of "+handle]
	}
	handle = blueskyHandle(i)
	return handle, w.secrets.all["app password of "+handle]
}

// Start starts a prepared campaign; ctx may carry headers.
func (r *Run) Start(t testing.TB, ctx context.Context) *Run {
	t.Helper()
	started, err := r.operator.StartCampaign(ctx, &platformv1.StartCampaignRequest{CampaignId: r.ID, StateVersion: r.Campaign.GetStateVersion()})
	require.NoError(t, err)
	r.Campaign = started.GetCampaign()
	return r
}

// TryStart is Start while an orchestrator may be away: it is to be called again until it answers nil.
func (r *Run) TryStart(ctx context.Context) error {
	started, err := r.operator.StartCampaign(ctx, &platformv1.StartCampaignRequest{CampaignId: r.ID, StateVersion: r.Campaign.GetStateVersion()})
	if err == nil {
		r.Campaign = started.GetCampaign()
		return nil
	}
	got, gone := r.operator.GetCampaign(ctx, &platformv1.GetCampaignRequest{CampaignId: r.ID})
	if gone == nil && got.GetCampaign().GetState() == platformv1.CampaignState_CAMPAIGN_STATE_RUNNING {
		r.Campaign, err = got.GetCampaign(), nil
	}
	return err
}

// Launch makes a campaign and starts it.
func (w *World) Launch(t testing.TB, o Options) *Run {
	t.Helper()
	return w.Prepare(t, o).Start(t, t.Context())
}

// Account answers the campaign's account on a platform.
func (r *Run) Account(platform string) *platformv1.Account {
	for _, a := range r.Accounts {
		if a.GetPlatform() == platform {
			return a
		}
	}
	return nil
}

// Reviews waits until the campaign's n proposals wait for a person.
func (r *Run) Reviews(t testing.TB, n int) []*platformv1.Review {
	t.Helper()
	var open []*platformv1.Review
	r.eventually(t, fmt.Sprintf("%d open reviews", n), func() bool {
		list, err := r.operator.ListReviews(t.Context(), &platformv1.ListReviewsRequest{CampaignId: r.ID, State: platformv1.ReviewState_REVIEW_STATE_OPEN})
		if err != nil {
			return false // an orchestrator may just have been killed
		}
		open = list.GetReviews()
		return len(open) == n
	})
	return open
}

// Approve approves a proposal as it is.
func (r *Run) Approve(t testing.TB, review *platformv1.Review) {
	t.Helper()
	_, err := r.w.As(cast[r.tenant].reviewer).ApproveReview(t.Context(), approval(review))
	require.NoError(t, err)
}

func approval(review *platformv1.Review) *platformv1.ApproveReviewRequest {
	return &platformv1.ApproveReviewRequest{ReviewId: review.GetId(), StateVersion: review.GetStateVersion(), PayloadSha256: review.GetPayloadSha256(), Rationale: "reads well"}
}

// ApproveAll approves every proposal of the campaign.
func (r *Run) ApproveAll(t testing.TB) {
	t.Helper()
	for _, review := range r.Reviews(t, len(r.Accounts)) {
		r.Approve(t, review)
	}
}

// Finished waits until the campaign has ended, and answers the state.
func (r *Run) Finished(t testing.TB) platformv1.CampaignState {
	t.Helper()
	var state platformv1.CampaignState
	r.eventually(t, "the campaign's end", func() bool {
		got, err := r.operator.GetCampaign(t.Context(), &platformv1.GetCampaignRequest{CampaignId: r.ID})
		if err != nil {
			return false
		}
		r.Campaign = got.GetCampaign()
		state = r.Campaign.GetState()
		return state != platformv1.CampaignState_CAMPAIGN_STATE_RUNNING
	})
	return state
}

// Completed waits until the campaign is completed.
func (r *Run) Completed(t testing.TB) {
	t.Helper()
	require.Equal(t, platformv1.CampaignState_CAMPAIGN_STATE_COMPLETED.String(), r.Finished(t).String(), "%v", r.tasks(t))
}

// Posts are the campaign's published posts.
func (r *Run) Posts(t testing.TB) []*platformv1.Post {
	t.Helper()
	list, err := r.operator.ListPosts(t.Context(), &platformv1.ListPostsRequest{CampaignId: r.ID})
	require.NoError(t, err)
	return list.GetPosts()
}

// Effect is the state and note of an account's effect, "" if there is none.
func (r *Run) Effect(t testing.TB, account *platformv1.Account) string {
	t.Helper()
	states := Column[string](t, r.w.Database, "select state from effects where campaign_id = $1 and account_id = $2 order by id", r.ID, account.GetId())
	return strings.Join(states, ",")
}

// eventually waits; its failure tells the campaign's tasks, which is where one looks next.
func (r *Run) eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(Patience); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			require.FailNow(t, "not in time: "+what, "%s", strings.Join(r.tasks(t), "\n"))
		}
	}
}

// Again makes and starts, in one call, another campaign for the same agent and accounts.
func (r *Run) Again(t testing.TB) *Run {
	t.Helper()
	ids := make([]string, 0, len(r.Accounts))
	for _, a := range r.Accounts {
		ids = append(ids, a.GetId())
	}
	made, err := r.operator.CreateCampaign(t.Context(), &platformv1.CreateCampaignRequest{
		AgentId: r.AgentID, AccountIds: ids, Name: t.Name() + " again", Playbook: "trend-post",
		Goal: "Another useful tip from this week's reading.", Parameters: r.Campaign.GetParameters(), Start: true,
	})
	require.NoError(t, err)
	return &Run{w: r.w, tenant: r.tenant, operator: r.operator, AgentID: r.AgentID, Accounts: r.Accounts, Campaign: made.GetCampaign(), ID: made.GetCampaign().GetId()}
}

// AccountSecret is the secret with which an account was connected.
func (w *World) AccountSecret(a *platformv1.Account) string {
	if a.GetPlatform() == "mastodon" {
		return w.secrets.all["access token of "+a.GetHandle()]
	}
	return w.secrets.all["app password of "+a.GetHandle()]
}
