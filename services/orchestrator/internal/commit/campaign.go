package commit

import (
	"context"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// Whole is a campaign with what lies in other tables, as its transaction knew it.
type Whole struct {
	store.Campaign
	AgentName  string
	AccountIDs []string
	// Progress counts the current plan's tasks by state; nil before the first plan.
	Progress map[string]int32
}

func wholeGet(ctx context.Context, tx *store.Tx, id string) (Whole, error) {
	camp, agent, accounts, err := tx.CampaignTake(ctx, id)
	if err != nil {
		return Whole{}, err
	}
	return whole(ctx, tx, camp, agent, accounts)
}

func whole(ctx context.Context, tx *store.Tx, camp store.Campaign, agent store.Agent, accounts []store.Account) (Whole, error) {
	progress, err := tx.CampaignsProgress(ctx, []string{camp.ID})
	return Whole{Campaign: camp, AgentName: agent.Name, AccountIDs: idsOf(accounts), Progress: progress[camp.ID]}, err
}

func idsOf(accounts []store.Account) []string {
	ids := make([]string, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
	}
	return ids
}

// change runs one transition of a campaign under its lock and version.
func (c *Committer) change(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, fn func(ctx context.Context, tx *store.Tx, camp store.Campaign) ([]audit.Entry, error)) (store.Campaign, error) {
	var out store.Campaign
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		camp, err := tx.CampaignLock(ctx, id)
		if err != nil {
			return nil, err
		}
		if camp.StateVersion != stateVersion {
			return nil, stale()
		}
		entries, err := fn(ctx, tx, camp)
		if err != nil {
			return nil, err
		}
		out, err = tx.CampaignGet(ctx, id)
		return entries, err
	})
	return out, err
}

// StartCampaign plans the goal and readies the first tasks. A campaign that ended runs anew as its next plan version.
func (c *Committer) StartCampaign(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64) (Whole, error) {
	var out Whole
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		camp, agent, accounts, err := tx.CampaignTake(ctx, id)
		if err != nil {
			return nil, err
		}
		if camp.StateVersion != stateVersion {
			return nil, stale()
		}
		if camp.State == "running" || camp.State == "paused" {
			return nil, wrongState("the campaign is %s already", camp.State)
		}
		next, err := firstPlan(camp, agent, accounts)
		if err != nil {
			return nil, err
		}
		if camp.PlanVersion > 0 {
			next.cause = "the campaign was started again"
			if _, next.before, err = planNodes(ctx, tx, camp.ID, camp.PlanVersion); err != nil {
				return nil, err
			}
		}
		progress, more, err := c.writePlan(ctx, tx, camp, next)
		if err != nil {
			return nil, err
		}
		if progress == nil {
			out, err = wholeGet(ctx, tx, id)
		} else {
			// As CampaignUpdate has written it.
			camp.State, camp.PlanVersion, camp.StateVersion, camp.UpdatedAt = "running", camp.PlanVersion+1, camp.StateVersion+1, tx.Now()
			out = Whole{Campaign: camp, AgentName: agent.Name, AccountIDs: idsOf(accounts), Progress: progress}
		}
		return append([]audit.Entry{entry("campaign.started", "campaign", id, nil)}, more...), err
	})
	return out, err
}

// PauseCampaign holds back what has not been dispatched.
func (c *Committer) PauseCampaign(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, reason string) (store.Campaign, error) {
	return c.move(ctx, sc, id, stateVersion, "running", "paused", reason)
}

// ResumeCampaign lets a paused campaign go on.
func (c *Committer) ResumeCampaign(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, reason string) (store.Campaign, error) {
	return c.move(ctx, sc, id, stateVersion, "paused", "running", reason)
}

func (c *Committer) move(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, from, to, reason string) (store.Campaign, error) {
	return c.change(ctx, sc, id, stateVersion, func(ctx context.Context, tx *store.Tx, camp store.Campaign) ([]audit.Entry, error) {
		if camp.State != from {
			return nil, wrongState("the campaign is %s, not %s", camp.State, from)
		}
		action := map[string]string{"paused": "campaign.paused", "running": "campaign.resumed"}[to]
		return []audit.Entry{entry(action, "campaign", id, map[string]any{"reason": reason})}, tx.CampaignUpdate(ctx, id, camp.StateVersion, to, camp.PlanVersion)
	})
}

// CancelCampaign ends a campaign: open tasks and reviews are cancelled, grants revoked. What may be on its way to
// the platform is settled and not abandoned.
func (c *Committer) CancelCampaign(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, reason string) (store.Campaign, error) {
	return c.change(ctx, sc, id, stateVersion, func(ctx context.Context, tx *store.Tx, camp store.Campaign) ([]audit.Entry, error) {
		if camp.State == "cancelled" || camp.State == "completed" || camp.State == "failed" {
			return nil, wrongState("the campaign has ended: it is %s", camp.State)
		}
		open, err := tx.OpenTasks(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, t := range open {
			if t.ResolvesEffect != nil || t.State == "unknown" {
				continue
			}
			if _, err := withdraw(ctx, tx, t, withdrawal{note: "cancelled before it was sent", review: reason, task: "the campaign was cancelled"}); err != nil {
				return nil, err
			}
		}
		return []audit.Entry{entry("campaign.cancelled", "campaign", id, map[string]any{"reason": reason})}, tx.CampaignUpdate(ctx, id, camp.StateVersion, "cancelled", camp.PlanVersion)
	})
}

// RetryTask gives a failed or expired task another round of attempts; what was cancelled for its failure waits again.
func (c *Committer) RetryTask(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64) (store.Task, error) {
	var out store.Task
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		t, err := lockTask(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		camp, err := tx.CampaignGet(ctx, t.CampaignID)
		if err != nil {
			return nil, err
		}
		if t.StateVersion != stateVersion {
			return nil, stale()
		}
		if t.State != "failed" && t.State != "expired" {
			return nil, wrongState("only a failed or expired task can be tried again; this one is %s", t.State)
		}
		if t.Mode == "execute" {
			return nil, wrongState("an effect that failed is not sent again; start the campaign again, or request a new draft")
		}
		if camp.State == "cancelled" {
			return nil, wrongState("the campaign was cancelled")
		}
		if camp.State != "paused" && camp.State != "running" {
			if err := tx.CampaignUpdate(ctx, camp.ID, camp.StateVersion, "running", camp.PlanVersion); err != nil {
				return nil, err
			}
		}
		// Blocked with finished dependencies: advance binds it anew, so mended inputs and tools are taken up.
		if err := tx.TaskMove(ctx, id, t.StateVersion, store.TaskChange{State: "blocked", ResetAttempts: true}); err != nil {
			return nil, err
		}
		if err := unblockFollowers(ctx, tx, id); err != nil {
			return nil, err
		}
		entries := []audit.Entry{entry("task.retried", "task", id, map[string]any{"node": t.Node})}
		more, err := c.advance(ctx, tx, t.CampaignID)
		if err != nil {
			return nil, err
		}
		out, err = tx.TaskGet(ctx, id)
		return append(entries, more...), err
	})
	return out, err
}

func unblockFollowers(ctx context.Context, tx *store.Tx, id string) error {
	followers, err := tx.Successors(ctx, id)
	if err != nil {
		return err
	}
	for _, f := range followers {
		// Read anew: the graph may lead to a step by two ways, and the first has unblocked it by now.
		if f, err = tx.TaskLock(ctx, f.ID); err != nil {
			return err
		}
		if f.State != "cancelled" {
			continue
		}
		if err := tx.TaskMove(ctx, f.ID, f.StateVersion, store.TaskChange{State: "blocked", ResetAttempts: true}); err != nil {
			return err
		}
		if err := unblockFollowers(ctx, tx, f.ID); err != nil {
			return err
		}
	}
	return nil
}
