package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Campaign is a goal on its way. Parameters is protojson of platform.v1.CampaignParameters.
type Campaign struct {
	ID           string          `db:"id"`
	AgentID      string          `db:"agent_id"`
	Name         string          `db:"name"`
	Goal         string          `db:"goal"`
	Playbook     string          `db:"playbook"`
	Parameters   json.RawMessage `db:"parameters"`
	State        string          `db:"state"`
	PlanVersion  int32           `db:"plan_version"`
	BudgetMicros int64           `db:"budget_micros"`
	SpentMicros  int64           `db:"spent_micros"`
	StateVersion int64           `db:"state_version"`
	CreatedAt    time.Time       `db:"created_at"`
	UpdatedAt    time.Time       `db:"updated_at"`
}

const (
	campaignColumns = "id, agent_id, name, goal, playbook, parameters, state, plan_version, budget_micros, spent_micros, state_version, created_at, updated_at"
	campaignSelect  = "select " + campaignColumns + " from campaigns where tenant_id = $1"
)

// CampaignInsert stores a goal as a draft with its accounts, in order, and answers the row. Neither takes a round trip of
// its own.
func (t *Tx) CampaignInsert(c Campaign, accountIDs []string) Campaign {
	c.State, c.PlanVersion, c.StateVersion = "draft", 0, 1
	var b pgx.Batch
	c = t.queueCampaign(&b, c, accountIDs)
	t.wait(&b)
	return c
}

// CampaignBegin stores a goal that runs at once: CampaignInsert and PlanWrite of its first version, whose
// row is not written twice. It answers the row as those two would have left it.
func (t *Tx) CampaignBegin(c Campaign, accountIDs []string, p Plan, tasks []PlanTask) Campaign {
	c.State, c.PlanVersion, c.StateVersion = "running", p.Version, 2
	var b pgx.Batch
	c = t.queueCampaign(&b, c, accountIDs)
	t.queuePlan(&b, p, tasks)
	t.wait(&b)
	return c
}

// queueCampaign answers the row as it will be: what is not given has its column's default.
func (t *Tx) queueCampaign(b *pgx.Batch, c Campaign, accountIDs []string) Campaign {
	b.Queue("insert into campaigns (tenant_id, id, agent_id, name, goal, playbook, parameters, budget_micros, state, plan_version, state_version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		t.tenant(), c.ID, c.AgentID, c.Name, c.Goal, c.Playbook, c.Parameters, c.BudgetMicros, c.State, c.PlanVersion, c.StateVersion)
	b.Queue(`insert into campaign_accounts (tenant_id, campaign_id, account_id, position)
		select $1, $2, a.id, a.n from unnest($3::uuid[]) with ordinality as a(id, n)`, t.tenant(), c.ID, accountIDs)
	c.SpentMicros, c.CreatedAt, c.UpdatedAt = 0, t.Now(), t.Now()
	return c
}

// first is the row that must be there.
func first[T any](rows []T, err error) (T, error) {
	if err == nil && len(rows) == 0 {
		err = ErrMissing
	}
	if err != nil {
		var none T
		return none, translate(err)
	}
	return rows[0], nil
}

// Parts are what a campaign is made of. Accounts are in the order asked.
type Parts struct {
	Agent    Agent
	Accounts []Account
	// Pins are of the tools asked for; empty when none were.
	Pins Pins
}

// CampaignParts reads a campaign's parts in one round trip. NotFound unless the agent and all accounts are there.
func (t *Tx) CampaignParts(ctx context.Context, agentID string, accountIDs, tools []string, look Look) (p Parts, err error) {
	var b pgx.Batch
	var agents []Agent
	var found []Account
	b.Queue(agentSelect+" and a.id = $2", t.tenant(), agentID).Query(collect(&agents))
	b.Queue(accountSelect+" and id = any($2::uuid[])", t.tenant(), accountIDs).Query(collect(&found))
	if len(tools) > 0 {
		t.queuePins(&b, tools, look, &p.Pins)
	}
	if p.Agent, err = first(agents, t.ask(ctx, &b)); err != nil {
		return p, err
	}
	byID := make(map[string]Account, len(found))
	for _, a := range found {
		byID[a.ID] = a
	}
	p.Accounts = make([]Account, len(accountIDs))
	for i, id := range accountIDs {
		var ok bool
		if p.Accounts[i], ok = byID[strings.ToLower(id)]; !ok {
			return p, ErrMissing
		}
	}
	return p, nil
}

// CampaignTake locks a campaign and reads what it is planned from: its agent and its accounts in their order, in one
// round trip.
func (t *Tx) CampaignTake(ctx context.Context, id string) (Campaign, Agent, []Account, error) {
	var b pgx.Batch
	var camps []Campaign
	var agents []Agent
	var accounts []Account
	b.Queue(campaignSelect+" and id = $2 for update", t.tenant(), id).Query(collect(&camps))
	b.Queue(agentSelect+" and a.id = (select agent_id from campaigns where tenant_id = $1 and id = $2)", t.tenant(), id).Query(collect(&agents))
	b.Queue(campaignAccounts, t.tenant(), id).Query(collect(&accounts))
	camp, err := first(camps, t.ask(ctx, &b))
	if err != nil {
		return camp, Agent{}, nil, err
	}
	agent, err := first(agents, nil)
	return camp, agent, accounts, err
}

// CampaignGet answers one campaign.
func (t *Tx) CampaignGet(ctx context.Context, id string) (Campaign, error) {
	return one[Campaign](ctx, t, campaignSelect+" and id = $2", t.tenant(), id)
}

// CampaignLock is CampaignGet and holds the row: plan versions are written one at a time.
func (t *Tx) CampaignLock(ctx context.Context, id string) (Campaign, error) {
	return one[Campaign](ctx, t, campaignSelect+" and id = $2 for update", t.tenant(), id)
}

// CampaignFilter narrows a listing; zero values do not.
type CampaignFilter struct {
	AgentID string
	// States are any of these.
	States []string
	// Query is looked for in name and goal.
	Query string
}

// CampaignList pages newest first; before is an id or "".
func (t *Tx) CampaignList(ctx context.Context, f CampaignFilter, before string, limit int) ([]Campaign, error) {
	return many[Campaign](ctx, t, campaignSelect+` and ($2 = '' or agent_id = nullif($2, '')::uuid) and (cardinality($3::text[]) = 0 or state = any($3))
		and ($6 = '' or name ilike $7 or goal ilike $7) and ($4 = '' or id < nullif($4, '')::uuid) order by id desc limit $5`,
		t.tenant(), f.AgentID, append([]string{}, f.States...), before, limit, f.Query, like(f.Query))
}

// CampaignAccounts answers the campaign's accounts in their order.
func (t *Tx) CampaignAccounts(ctx context.Context, id string) ([]Account, error) {
	return many[Account](ctx, t, campaignAccounts, t.tenant(), id)
}

const campaignAccounts = `select a.id, a.agent_id, a.platform, a.handle, a.base_url, a.health, a.state_version, a.created_at
	from campaign_accounts c join accounts a on a.tenant_id = c.tenant_id and a.id = c.account_id
	where c.tenant_id = $1 and c.campaign_id = $2 order by c.position`

// CampaignUpdate moves a campaign's state and plan version, naming the version read.
func (t *Tx) CampaignUpdate(ctx context.Context, id string, stateVersion int64, state string, planVersion int32) error {
	t.released = t.released || state == "running"
	return t.must1(ctx, campaignUpdate, t.tenant(), id, stateVersion, state, planVersion)
}

const campaignUpdate = `update campaigns set state = $4, plan_version = $5, state_version = state_version + 1, updated_at = now()
	where tenant_id = $1 and id = $2 and state_version = $3`

// CampaignSpend books a cost once per result.
func (t *Tx) CampaignSpend(ctx context.Context, entryID, campaignID, taskID, resultID string, micros int64) error {
	if micros == 0 {
		return nil
	}
	if _, err := t.exec(ctx, "insert into budget_entries (tenant_id, id, campaign_id, task_id, result_id, micros) values ($1, $2, $3, $4, $5, $6)",
		t.tenant(), entryID, campaignID, taskID, resultID, micros); err != nil {
		return err
	}
	_, err := t.exec(ctx, "update campaigns set spent_micros = spent_micros + $3 where tenant_id = $1 and id = $2", t.tenant(), campaignID, micros)
	return err
}

// Plan is one version of a campaign's task graph; Nodes is the planner's JSON.
type Plan struct {
	CampaignID     string          `db:"campaign_id"`
	Version        int32           `db:"version"`
	Cause          string          `db:"cause"`
	PersonaVersion int32           `db:"persona_version"`
	Nodes          json.RawMessage `db:"nodes"`
	Added          []string        `db:"added"`
	Removed        []string        `db:"removed"`
	CreatedBy      string          `db:"created_by"`
	CreatedAt      time.Time       `db:"created_at"`
}

const planSelect = "select campaign_id, version, cause, persona_version, nodes, added, removed, created_by, created_at from plans where tenant_id = $1"

// PlanWrite stores a plan version with its tasks and moves its campaign to it, without a round trip of its own. All new
// tasks are of this campaign and version. The transaction is a conflict STALE_VERSION unless the campaign is as read.
func (t *Tx) PlanWrite(p Plan, tasks []PlanTask, stateVersion int64, state string) {
	var b pgx.Batch
	t.queuePlan(&b, p, tasks)
	b.Queue(campaignUpdate, t.tenant(), p.CampaignID, stateVersion, state, p.Version).Exec(exactly(1))
	t.wait(&b)
}

func (t *Tx) queuePlan(b *pgx.Batch, p Plan, tasks []PlanTask) {
	b.Queue("insert into plans (tenant_id, campaign_id, version, cause, persona_version, nodes, added, removed, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		t.tenant(), p.CampaignID, p.Version, p.Cause, p.PersonaVersion, p.Nodes, p.Added, p.Removed, t.scope.Actor)
	t.queueTasks(b, p.CampaignID, p.Version, tasks)
}

// PlanGet answers one version.
func (t *Tx) PlanGet(ctx context.Context, campaignID string, version int32) (Plan, error) {
	return one[Plan](ctx, t, planSelect+" and campaign_id = $2 and version = $3", t.tenant(), campaignID, version)
}

// PlanList pages newest first below version before (0 = the end).
func (t *Tx) PlanList(ctx context.Context, campaignID string, before int32, limit int) ([]Plan, error) {
	return many[Plan](ctx, t, planSelect+" and campaign_id = $2 and ($3 = 0 or version < $3) order by version desc limit $4", t.tenant(), campaignID, before, limit)
}
