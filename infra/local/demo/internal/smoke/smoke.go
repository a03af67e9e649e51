// Package smoke does Chimera's main job without a head, through the public API only: an operator starts a
// campaign, a reviewer approves what it proposes, and the post is looked up on the platform.
package smoke

import (
	"context"
	"fmt"
	"strings"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/infra/local/demo/internal/folder"
)

// jobWait bounds the job on a running system, processes being killed under it included.
const jobWait = 3 * time.Minute

// Config of a run.
type Config struct {
	State    folder.State
	Tenant   string // id
	Password func(username string) string
	Say      func(string)
	// Target makes the campaign to run ready.
	Target Target
}

// Target is where the posts go.
type Target struct {
	Name string
	// Campaign finds the campaign, or makes it.
	Campaign func(ctx context.Context, u Users) (*platformv1.Campaign, error)
	// Counts says whether the platform counts likes: a bare PDS does not.
	Counts bool
}

// Users are the people a target may act as.
type Users struct{ Operator, Admin *session }

type run struct {
	Config
	operator, reviewer, admin *session
	// platforms are by account id, for people.
	platforms map[string]string
}

// named is a step's key with the platform in place of the account's id.
func (r *run) named(key string) string {
	step, account, _ := strings.Cut(key, ":")
	if platform := r.platforms[account]; platform != "" {
		return step + ":" + platform
	}
	return key
}

// Run does the job and prints every hop. The error is one sentence about the step that is missing.
func Run(ctx context.Context, cfg Config) error {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, jobWait)
	defer cancel()
	r := &run{Config: cfg}
	r.operator, r.reviewer, r.admin = r.login("operator"), r.login("reviewer"), r.login("admin")
	if err := r.whoami(ctx, r.operator, r.reviewer); err != nil {
		return err
	}
	campaign, err := cfg.Target.Campaign(ctx, Users{Operator: r.operator, Admin: r.admin})
	if err != nil {
		return fmt.Errorf("no campaign to start: %w", err)
	}
	if err := r.learnPlatforms(ctx, campaign); err != nil {
		return err
	}
	campaign, plan, err := r.start(ctx, campaign)
	if err != nil {
		return err
	}
	posts, err := r.untilPublished(ctx, campaign, plan)
	if err != nil {
		return err
	}
	for _, post := range posts {
		if err := r.check(ctx, post); err != nil {
			return err
		}
	}
	if err := r.verifyAudit(ctx); err != nil {
		return err
	}
	if cfg.State.Platform != "" {
		if err := r.shown(ctx, posts); err != nil {
			return err
		}
	}
	cfg.Say(fmt.Sprintf("PASS: %d posts from goal to %s in %.1f s", len(posts), cfg.Target.Name, time.Since(begin).Seconds()))
	for _, post := range posts {
		cfg.Say("  " + post.GetPost().GetUrl())
	}
	return nil
}

// whoami shows that the logins hold, and with which role.
func (r *run) whoami(ctx context.Context, people ...*session) error {
	for _, p := range people {
		answer, err := p.sessions.GetSession(ctx, &platformv1.GetSessionRequest{})
		if err != nil {
			return fmt.Errorf("%s cannot log in: %w", p.username, err)
		}
		r.Say(fmt.Sprintf("%s is logged in: %s in tenant %s", p.username, answer.GetRole(), answer.GetTenantId()))
	}
	return nil
}

func (r *run) learnPlatforms(ctx context.Context, campaign *platformv1.Campaign) error {
	r.platforms = map[string]string{}
	for _, id := range campaign.GetAccountIds() {
		answer, err := r.operator.accounts.GetAccount(ctx, &platformv1.GetAccountRequest{AccountId: id})
		if err != nil {
			return fmt.Errorf("the campaign's account %s cannot be read: %w", id, err)
		}
		r.platforms[id] = answer.GetAccount().GetPlatform()
	}
	return nil
}

// start starts the campaign, or takes up one that an earlier run left running. A repeated call whose first answer was
// lost finds the campaign running, which is what it wanted.
func (r *run) start(ctx context.Context, campaign *platformv1.Campaign) (*platformv1.Campaign, *platformv1.GetPlanResponse, error) {
	for try := 0; campaign.GetState() != platformv1.CampaignState_CAMPAIGN_STATE_RUNNING; try++ {
		started, err := r.operator.campaigns.StartCampaign(ctx, &platformv1.StartCampaignRequest{CampaignId: campaign.GetId(), StateVersion: campaign.GetStateVersion()})
		if err == nil {
			campaign = started.GetCampaign()
			break
		}
		if try == 3 {
			return nil, nil, fmt.Errorf("the campaign cannot be started: %w", err)
		}
		again, readErr := r.operator.campaigns.GetCampaign(ctx, &platformv1.GetCampaignRequest{CampaignId: campaign.GetId()})
		if readErr != nil {
			return nil, nil, fmt.Errorf("the campaign cannot be started: %w (and not be read: %w)", err, readErr)
		}
		campaign = again.GetCampaign()
	}
	plan, err := r.operator.plans.GetPlan(ctx, &platformv1.GetPlanRequest{CampaignId: campaign.GetId()})
	if err != nil {
		return nil, nil, fmt.Errorf("the campaign's plan cannot be read: %w", err)
	}
	r.Say(fmt.Sprintf("campaign %q runs: plan version %d, %d steps, %d accounts", campaign.GetName(), plan.GetPlan().GetVersion(), len(plan.GetNodes()), len(campaign.GetAccountIds())))
	return campaign, plan, nil
}

func (r *run) verifyAudit(ctx context.Context) error {
	chain, err := r.operator.audit.VerifyAuditChain(ctx, &platformv1.VerifyAuditChainRequest{})
	if err != nil {
		return fmt.Errorf("the audit chain cannot be verified: %w", err)
	}
	if !chain.GetIntact() {
		return fmt.Errorf("the audit chain does not hold at entry %d: %s", chain.GetBrokenSeq(), chain.GetFinding())
	}
	r.Say(fmt.Sprintf("audit chain: %d entries hold, head %.16s…", chain.GetEntries(), chain.GetHeadHash()))
	return nil
}
