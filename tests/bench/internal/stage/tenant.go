package stage

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/gen/go/chimera/platform/v1/platformv1connect"
	"chimera/infra/local/login"
)

// Tenant is one tenant with its person, who may do everything, and what a campaign of it needs.
type Tenant struct {
	ID       string
	AgentID  string
	Accounts []string

	Campaigns platformv1connect.CampaignServiceClient
	Plans     platformv1connect.PlanServiceClient
	Reviews   platformv1connect.ReviewServiceClient
	System    platformv1connect.SystemServiceClient

	agents   platformv1connect.AgentServiceClient
	accounts platformv1connect.AccountServiceClient

	slug, person string
	token        *bearer
}

// bearer adds an access token; connections are kept, as a client's that stays is.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}

// enter logs everybody in and makes an agent with two accounts in every tenant.
func (s *Stage) enter(ctx context.Context) error {
	transport := &http.Transport{MaxIdleConnsPerHost: 64, MaxIdleConns: 256}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, t := range s.Tenants {
		g.Go(func() error {
			t.token = &bearer{next: transport}
			if err := s.logIn(ctx, t); err != nil {
				return err
			}
			t.connect("http://"+s.port("public"), &http.Client{Transport: t.token, Timeout: time.Minute})
			return t.settle(ctx)
		})
	}
	return g.Wait()
}

// LogIn fetches new access tokens: they last a quarter of an hour.
func (s *Stage) LogIn(ctx context.Context) error {
	for _, t := range s.Tenants {
		if err := s.logIn(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stage) logIn(ctx context.Context, t *Tenant) (err error) {
	t.token.token, _, err = login.Password(ctx, s.oidc.URL, cliClient, t.person, s.secret(t.person))
	return err
}

func (t *Tenant) connect(url string, h *http.Client) {
	t.Campaigns = platformv1connect.NewCampaignServiceClient(h, url)
	t.Plans = platformv1connect.NewPlanServiceClient(h, url)
	t.Reviews = platformv1connect.NewReviewServiceClient(h, url)
	t.System = platformv1connect.NewSystemServiceClient(h, url)
	t.agents = platformv1connect.NewAgentServiceClient(h, url)
	t.accounts = platformv1connect.NewAccountServiceClient(h, url)
}

func (t *Tenant) settle(ctx context.Context) error {
	agent, err := t.agents.CreateAgent(ctx, &platformv1.CreateAgentRequest{Name: "bench", Persona: &platformv1.Persona{Voice: "Plain.", Audience: "Nobody.", Topics: []string{"nothing"}, Language: "en"}})
	if err != nil {
		return err
	}
	t.AgentID = agent.GetAgent().GetId()
	for i := range 2 {
		a, err := t.accounts.ConnectAccount(ctx, &platformv1.ConnectAccountRequest{
			AgentId: t.AgentID, Platform: "bluesky", Handle: fmt.Sprintf("b%d.test", i), BaseUrl: "https://bench.example.test", Secret: "not-a-secret-" + t.slug,
		})
		if err != nil {
			return err
		}
		t.Accounts = append(t.Accounts, a.GetAccount().GetId())
	}
	return nil
}

// Draft makes a campaign that is not started and answers its id.
func (t *Tenant) Draft(ctx context.Context, playbook string) (string, error) {
	return t.create(ctx, playbook, false)
}

// Submit makes a campaign and starts it in one call: its plan and its tasks are durable when it answers its id.
func (t *Tenant) Submit(ctx context.Context, playbook string) (string, error) {
	return t.create(ctx, playbook, true)
}

func (t *Tenant) create(ctx context.Context, playbook string, start bool) (string, error) {
	made, err := t.Campaigns.CreateCampaign(ctx, &platformv1.CreateCampaignRequest{
		AgentId: t.AgentID, AccountIds: t.Accounts, Name: "bench", Playbook: playbook, Parameters: &platformv1.CampaignParameters{}, Start: start,
		Goal: "Do nothing at all, as fast as it can be done, and leave a trace of every step of it.",
	})
	return made.GetCampaign().GetId(), err
}

// Start starts a drafted campaign.
func (t *Tenant) Start(ctx context.Context, campaign string) error {
	_, err := t.Campaigns.StartCampaign(ctx, &platformv1.StartCampaignRequest{CampaignId: campaign, StateVersion: 1})
	return err
}
