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

// NewCampaign is a goal to store: a draft, or with a plan one that runs at once.
type NewCampaign struct {
	Campaign
	// AccountIDs are in the campaign's order.
	AccountIDs []string
	// Plan is the first version, with its Tasks; nil for a draft.
	Plan  *Plan
	Tasks []PlanTask
}

// CampaignsInsert stores goals with their accounts, and what was planned for them, without a round trip of its own. It
// completes the rows: what is not given has its column's default.
func (t *Tx) CampaignsInsert(all []NewCampaign) {
	if len(all) == 0 {
		return
	}
	n := len(all)
	ids, agents, names, goals, playbooks, states, parameters := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	budgets, plans, versions := make([]int64, n), make([]int32, n), make([]int64, n)
	var of, places []int32
	var accounts []string
	var plansOf []planned
	for i := range all {
		c := &all[i]
		c.State, c.PlanVersion, c.StateVersion, c.SpentMicros, c.CreatedAt, c.UpdatedAt = "draft", 0, 1, 0, t.Now(), t.Now()
		if c.Plan != nil {
			// As if it had been stored and started after that.
			c.State, c.PlanVersion, c.StateVersion = "running", c.Plan.Version, 2
			plansOf = append(plansOf, planned{*c.Plan, c.Tasks})
		}
		ids[i], agents[i], names[i], goals[i], playbooks[i], parameters[i] = c.ID, c.AgentID, c.Name, c.Goal, c.Playbook, string(c.Parameters)
		budgets[i], states[i], plans[i], versions[i] = c.BudgetMicros, c.State, c.PlanVersion, c.StateVersion
		for place, a := range c.AccountIDs {
			of, accounts, places = append(of, int32(i+1)), append(accounts, a), append(places, int32(place+1))
		}
	}
	var b pgx.Batch
	b.Queue(`insert into campaigns (tenant_id, id, agent_id, name, goal, playbook, parameters, budget_micros, state, plan_version, state_version)
		select $1, c.id, c.agent, c.name, c.goal, c.playbook, c.parameters::jsonb, c.budget, c.state, c.plan, c.version
		from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::int[], $11::bigint[])
		as c(id, agent, name, goal, playbook, parameters, budget, state, plan, version)`,
		t.tenant(), ids, agents, names, goals, playbooks, parameters, budgets, states, plans, versions)
	b.Queue(`insert into campaign_accounts (tenant_id, campaign_id, account_id, position)
		select $1, ($2::uuid[])[a.of], a.id, a.place from unnest($3::int[], $4::uuid[], $5::int[]) as a(of, id, place)`, t.tenant(), ids, of, accounts, places)
	t.queuePlans(&b, plansOf)
	t.wait(&b)
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

// Sought is what submissions of one tenant are checked by and made of; ids in any spelling.
type Sought struct {
	Keys             []IdempotencyKey
	Agents, Accounts []string
	// Tools are those whose pins are asked for, with what Look says of the queue; without any, neither is.
	Tools []string
	Look  Look
}

// Found is what there is of it.
type Found struct {
	Earlier  map[IdempotencyKey]IdempotentResponse
	Pins     Pins
	agents   map[string]Agent
	accounts map[string]Account
}

// Of answers a campaign's agent and its accounts in the order asked. NotFound unless all are there.
func (f Found) Of(agentID string, accountIDs []string) (Agent, []Account, error) {
	agent, ok := f.agents[strings.ToLower(agentID)]
	if !ok {
		return agent, nil, ErrMissing
	}
	accounts := make([]Account, len(accountIDs))
	for i, id := range accountIDs {
		if accounts[i], ok = f.accounts[strings.ToLower(id)]; !ok {
			return agent, nil, ErrMissing
		}
	}
	return agent, accounts, nil
}

// CampaignParts reads submissions' parts in one round trip.
func (t *Tx) CampaignParts(ctx context.Context, s Sought) (f Found, err error) {
	var b pgx.Batch
	var earlier []IdempotentResponse
	var agents []Agent
	var accounts []Account
	keys := map[string][]string{}
	for _, k := range s.Keys {
		keys[k.Method] = append(keys[k.Method], k.Key)
	}
	for method, of := range keys {
		var some []IdempotentResponse
		b.Queue(idempotencySelect, t.tenant(), method, of).Query(func(rows pgx.Rows) error {
			err := collect(&some)(rows)
			earlier = append(earlier, some...)
			return err
		})
	}
	b.Queue(agentSelect+" and a.id = any($2::uuid[])", t.tenant(), s.Agents).Query(collect(&agents))
	b.Queue(accountSelect+" and id = any($2::uuid[])", t.tenant(), s.Accounts).Query(collect(&accounts))
	if len(s.Tools) > 0 {
		t.queuePins(&b, s.Tools, s.Look, &f.Pins)
	}
	if err := t.ask(ctx, &b); err != nil {
		return f, err
	}
	f.Earlier, f.agents, f.accounts = make(map[IdempotencyKey]IdempotentResponse, len(earlier)), make(map[string]Agent, len(agents)), make(map[string]Account, len(accounts))
	for _, e := range earlier {
		f.Earlier[e.IdempotencyKey] = e
	}
	for _, a := range agents {
		f.agents[a.ID] = a
	}
	for _, a := range accounts {
		f.accounts[a.ID] = a
	}
	return f, nil
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
