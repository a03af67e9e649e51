package chaos_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/durationpb"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/world"
)

// accountsPerCampaign makes 2 + 4·6 = 26 tasks of a campaign: 14 reads, 6 drafts, 6 effects.
const accountsPerCampaign = 6

// tasksPerCampaign of the playbook trend-post: collect and recall, then draft, publish, readback and metrics per account.
const tasksPerCampaign = 2 + 4*accountsPerCampaign

// hands is how many of the test's people work at once.
const hands = 6

// load is campaigns over many tenants, and the people who run them: they start, approve, and try again what failed.
type load struct {
	w         *world.World
	campaigns []*campaign
	accounts  int // of each campaign
	started   atomic.Int64
	approved  atomic.Int64
	retried   atomic.Int64
}

type campaign struct {
	tenant  string
	id      string
	version int64
}

// in is a context in which calls name a tenant.
func in(ctx context.Context, tenant string) context.Context {
	return world.WithHeader(ctx, "chimera-tenant", tenant)
}

// prepare makes an agent per tenant, an account per post, and the campaigns; nothing runs yet.
func prepare(t *testing.T, w *world.World, tenants, campaigns, accounts int) *load {
	t.Helper()
	l := &load{w: w, campaigns: make([]*campaign, campaigns), accounts: accounts}
	agents := make([]string, tenants)
	all, ctx := errgroup.WithContext(t.Context())
	all.SetLimit(hands)
	for i := range tenants {
		all.Go(func() error {
			made, err := w.As(world.Mira).CreateAgent(in(ctx, world.Tenant(i)), &platformv1.CreateAgentRequest{Name: "Herald", Persona: &platformv1.Persona{
				Voice: "Warm, plain and curious.", Audience: "People who make coffee at home.", Topics: []string{"coffee"}, Language: "en", Hashtags: []string{"coffee"},
			}})
			agents[i] = made.GetAgent().GetId()
			return err
		})
	}
	require.NoError(t, all.Wait())
	all, ctx = errgroup.WithContext(t.Context())
	all.SetLimit(hands)
	for i := range campaigns {
		all.Go(func() (err error) {
			l.campaigns[i], err = l.make(ctx, world.Tenant(i%tenants), agents[i%tenants], i)
			return err
		})
	}
	require.NoError(t, all.Wait())
	return l
}

func (l *load) make(ctx context.Context, tenant, agent string, i int) (*campaign, error) {
	ctx = in(ctx, tenant)
	mira := l.w.As(world.Mira)
	var accounts []string
	for j := range l.accounts {
		platform := []string{"bluesky", "mastodon"}[(i*l.accounts+j)%2]
		handle, secret := l.w.Login(platform, (i*l.accounts+j)/2)
		a, err := mira.ConnectAccount(ctx, &platformv1.ConnectAccountRequest{AgentId: agent, Platform: platform, Handle: handle, BaseUrl: l.w.Sandbox.URL, Secret: secret})
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a.GetAccount().GetId())
	}
	made, err := mira.CreateCampaign(ctx, &platformv1.CreateCampaignRequest{
		AgentId: agent, AccountIds: accounts, Name: fmt.Sprintf("campaign %d", i), Playbook: "trend-post",
		Goal:       "Help people make better coffee at home: one useful tip from this week's reading.",
		Parameters: &platformv1.CampaignParameters{Feeds: []string{l.w.Sandbox.URL + "/feeds/home-coffee.xml"}, Slot: durationpb.New(6 * time.Hour), MetricsAfter: durationpb.New(time.Second)},
	})
	return &campaign{tenant: tenant, id: made.GetCampaign().GetId(), version: made.GetCampaign().GetStateVersion()}, err
}

// run starts the campaigns and does the people's part until ctx ends. Every call is made again until it is answered,
// as people do when a page does not load.
func (l *load) run(ctx context.Context, t *testing.T) {
	t.Helper()
	go l.startAll(ctx)
	go every(ctx, 300*time.Millisecond, func() { l.approveAll(ctx) })
	go every(ctx, 2*time.Second, func() { l.retryFailed(ctx) })
	go every(ctx, 10*time.Minute, func() {
		for _, name := range []string{world.Mira, world.Rita} {
			_ = l.w.LogIn(ctx, name)
		}
	})
}

func (l *load) startAll(ctx context.Context) {
	var all errgroup.Group
	all.SetLimit(hands)
	for _, c := range l.campaigns {
		all.Go(func() error {
			every(ctx, 200*time.Millisecond, func() {
				// An answer may be lost after the start: then the campaign is not a draft any more, which is as good.
				_, err := l.w.As(world.Mira).StartCampaign(in(ctx, c.tenant), &platformv1.StartCampaignRequest{CampaignId: c.id, StateVersion: c.version})
				if err == nil {
					c.version = 0
					return
				}
				got, err := l.w.As(world.Mira).GetCampaign(in(ctx, c.tenant), &platformv1.GetCampaignRequest{CampaignId: c.id})
				if err == nil && got.GetCampaign().GetState() != platformv1.CampaignState_CAMPAIGN_STATE_DRAFT {
					c.version = 0
				}
			}, func() bool { return c.version == 0 })
			l.started.Add(1)
			return nil
		})
	}
	_ = all.Wait()
}

// tenantsWith answers the slugs of the tenants for which a condition on one of their rows holds.
func (l *load) tenantsWith(ctx context.Context, table, condition string) []string {
	rows, err := l.w.Database.Query(ctx, "select distinct t.slug from "+table+" x join tenants t using (tenant_id) where "+condition+" order by 1")
	if err != nil {
		return nil // Postgres may be away just now
	}
	defer rows.Close()
	var slugs []string
	for rows.Next() {
		var slug string
		if rows.Scan(&slug) == nil {
			slugs = append(slugs, slug)
		}
	}
	return slugs
}

// approveAll is the reviewers' round: they see what waits and approve exactly what they were shown.
func (l *load) approveAll(ctx context.Context) {
	var all errgroup.Group
	all.SetLimit(hands)
	for _, tenant := range l.tenantsWith(ctx, "reviews", "x.state = 'open'") {
		all.Go(func() error {
			ctx := in(ctx, tenant)
			rita := l.w.As(world.Rita)
			list, err := rita.ListReviews(ctx, &platformv1.ListReviewsRequest{State: platformv1.ReviewState_REVIEW_STATE_OPEN, PageSize: 100})
			if err != nil {
				return nil
			}
			for _, r := range list.GetReviews() {
				_, err := rita.ApproveReview(ctx, &platformv1.ApproveReviewRequest{
					ReviewId: r.GetId(), StateVersion: r.GetStateVersion(), PayloadSha256: r.GetPayloadSha256(), Rationale: "reads well", IdempotencyKey: r.GetId(),
				})
				if err == nil {
					l.approved.Add(1)
				}
			}
			return nil
		})
	}
	_ = all.Wait()
}

// retryFailed is the operators' round: a task whose attempts are used up is theirs (R12.3), and they try it again.
func (l *load) retryFailed(ctx context.Context) {
	for _, tenant := range l.tenantsWith(ctx, "tasks", "x.state in ('failed', 'expired') and x.mode <> 'execute' and x.node not like 'lookup:%'") {
		ctx := in(ctx, tenant)
		mira := l.w.As(world.Mira)
		list, err := mira.ListTasks(ctx, &platformv1.ListTasksRequest{State: platformv1.TaskState_TASK_STATE_FAILED, PageSize: 100})
		if err != nil {
			continue
		}
		for _, task := range list.GetTasks() {
			if _, err := mira.RetryTask(ctx, &platformv1.RetryTaskRequest{TaskId: task.GetId(), StateVersion: task.GetStateVersion()}); err == nil {
				l.retried.Add(1)
			}
		}
	}
}

// every does something again and again until ctx ends, or what ends it holds.
func every(ctx context.Context, interval time.Duration, do func(), until ...func() bool) {
	for ctx.Err() == nil {
		do()
		for _, ended := range until {
			if ended() {
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
}
