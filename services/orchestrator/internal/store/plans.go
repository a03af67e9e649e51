package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

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
	t.queuePlans(&b, []planned{{p, tasks}})
	b.Queue(campaignUpdate, t.tenant(), p.CampaignID, stateVersion, state, p.Version).Exec(exactly(1))
	t.wait(&b)
}

// PlanTask is a new task with its place in the plan: a fresh row when Fresh, else one carried over.
type PlanTask struct {
	Task
	DependsOn []string
	Fresh     bool
	// Send is the task as it will be, when it is queued and not ready (decision 0082).
	Send *ReadyTask
}

// planned is a plan version with its tasks.
type planned struct {
	Plan
	tasks []PlanTask
}

// queuePlans writes plan versions with their tasks and edges, however many in three statements. Tasks carried over stay as
// they are; what the version before had and this one leaves out ends with it.
func (t *Tx) queuePlans(b *pgx.Batch, plans []planned) {
	if len(plans) == 0 {
		return
	}
	n := len(plans)
	campaigns, causes, nodes, lists := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	versions, personas := make([]int32, n), make([]int32, n)
	for i, p := range plans {
		campaigns[i], versions[i], causes[i], personas[i], nodes[i] = p.CampaignID, p.Version, p.Cause, p.PersonaVersion, string(p.Nodes)
		lists[i] = listsOf(p.Added, p.Removed)
	}
	// Columns of lists travel as text: Postgres' arrays of arrays must be rectangular.
	b.Queue(`insert into plans (tenant_id, campaign_id, version, cause, persona_version, nodes, added, removed, created_by)
		select $1, p.campaign, p.version, p.cause, p.persona, p.nodes::jsonb, array(select jsonb_array_elements_text(p.lists::jsonb -> 0)), array(select jsonb_array_elements_text(p.lists::jsonb -> 1)), $2
		from unnest($3::uuid[], $4::int[], $5::text[], $6::int[], $7::text[], $8::text[]) as p(campaign, version, cause, persona, nodes, lists)`,
		t.tenant(), t.scope.Actor, campaigns, versions, causes, personas, nodes, lists)
	for _, p := range plans {
		if p.Version > 1 {
			t.queueLeftOut(b, p)
		}
	}
	t.queueTasks(b, campaigns, versions, plans)
}

func listsOf(added, removed []string) string {
	raw, _ := json.Marshal([2][]string{append([]string{}, added...), append([]string{}, removed...)}) // strings always encode
	return string(raw)
}

func (t *Tx) queueLeftOut(b *pgx.Batch, p planned) {
	carried := []string{} // not nil, which would be null, and then nothing would be left out
	for _, k := range p.tasks {
		if !k.Fresh {
			carried = append(carried, k.ID)
		}
	}
	b.Queue(`with gone as materialized (select id from tasks where tenant_id = $1 and campaign_id = $2 and last_plan_version is null and not (id = any($4::uuid[])) order by id for update)
		update tasks t set last_plan_version = $3::int - 1 from gone where t.tenant_id = $1 and t.id = gone.id`, t.tenant(), p.CampaignID, p.Version, carried)
}

func (t *Tx) queueTasks(b *pgx.Batch, campaigns []string, versions []int32, plans []planned) {
	n := len(plans)
	agents, requests, traces := make([]*string, n), make([]string, n), make([]string, n)
	personas, costs := make([]int32, n), make([]int64, n)
	var c taskColumnsOf
	var from, to []string
	for i, p := range plans {
		for _, k := range p.tasks {
			if !k.Fresh {
				continue
			}
			agents[i], requests[i], traces[i], personas[i], costs[i] = &k.AgentID, k.RequestID, k.Traceparent, k.PersonaVersion, k.MaxCostMicros
			t.readied = t.readied || k.State == "ready"
			if k.Send != nil {
				t.sent = append(t.sent, *k.Send)
			}
			c.add(int32(i+1), k.Task)
			for _, d := range k.DependsOn {
				from, to = append(from, k.ID), append(to, d)
			}
		}
	}
	if len(c.ids) == 0 {
		return
	}
	// What all tasks of a plan share is taken from its place.
	b.Queue(`insert into tasks (tenant_id, campaign_id, plan_version, agent_id, persona_version, max_cost_micros, request_id, traceparent, id, node, kind, mode, tool, account_id, tainted,
		arguments, tool_digest, spec_digest, state, max_attempts, priority, timeout_ms, delay_ms, not_before, deadline, dispatched_at)
		select $1, ($2::uuid[])[n.of], ($3::int[])[n.of], ($4::uuid[])[n.of], ($5::int[])[n.of], ($6::bigint[])[n.of], ($7::text[])[n.of], ($8::text[])[n.of],
			n.id, n.node, n.kind, n.mode, n.tool, n.account, n.tainted, n.arguments, n.tool_digest, n.spec_digest, n.state, n.attempts, n.priority, n.timeout, n.delay, n.not_before, n.deadline, case when n.state = 'queued' then now() end
		from unnest($9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::bool[], $16::bytea[], $17::text[], $18::text[], $19::text[], $20::int[], $21::int[], $22::int[], $23::bigint[], $24::timestamptz[], $25::timestamptz[], $26::int[])
		as n(id, node, kind, mode, tool, account, tainted, arguments, tool_digest, spec_digest, state, attempts, priority, timeout, delay, not_before, deadline, of)`,
		t.tenant(), campaigns, versions, agents, personas, costs, requests, traces,
		c.ids, c.nodes, c.kinds, c.modes, c.tools, c.accounts, c.tainted, c.arguments, c.toolDigests, c.specDigests, c.states, c.attempts, c.priorities, c.timeouts, c.delays, c.notBefore, c.deadlines, c.of)
	if len(from) > 0 {
		b.Queue("insert into task_edges (tenant_id, task_id, depends_on) select $1, e.f, e.d from unnest($2::uuid[], $3::uuid[]) as e(f, d)", t.tenant(), from, to)
	}
}

// taskColumnsOf is rows turned into columns, the form in which one statement takes many.
type taskColumnsOf struct {
	// of is the place of the task's plan in the statement, from 1.
	of                                                                []int32
	ids, nodes, kinds, modes, tools, toolDigests, specDigests, states []string

	accounts                       []*string
	tainted                        []bool
	arguments                      [][]byte
	attempts, priorities, timeouts []int32
	delays                         []int64
	notBefore                      []time.Time
	deadlines                      []*time.Time
}

func (c *taskColumnsOf) add(of int32, k Task) {
	c.of = append(c.of, of)
	c.ids, c.nodes, c.kinds, c.modes, c.tools = append(c.ids, k.ID), append(c.nodes, k.Node), append(c.kinds, k.Kind), append(c.modes, k.Mode), append(c.tools, k.Tool)
	c.toolDigests, c.specDigests, c.states = append(c.toolDigests, k.ToolDigest), append(c.specDigests, k.SpecDigest), append(c.states, k.State)
	c.accounts, c.tainted, c.arguments = append(c.accounts, k.AccountID), append(c.tainted, k.Tainted), append(c.arguments, k.Arguments)
	c.attempts, c.priorities, c.timeouts = append(c.attempts, k.MaxAttempts), append(c.priorities, k.Priority), append(c.timeouts, k.TimeoutMS)
	c.delays, c.notBefore, c.deadlines = append(c.delays, k.DelayMS), append(c.notBefore, k.NotBefore), append(c.deadlines, k.Deadline)
}

// PlanGet answers one version.
func (t *Tx) PlanGet(ctx context.Context, campaignID string, version int32) (Plan, error) {
	return one[Plan](ctx, t, planSelect+" and campaign_id = $2 and version = $3", t.tenant(), campaignID, version)
}

// PlanList pages newest first below version before (0 = the end).
func (t *Tx) PlanList(ctx context.Context, campaignID string, before int32, limit int) ([]Plan, error) {
	return many[Plan](ctx, t, planSelect+" and campaign_id = $2 and ($3 = 0 or version < $3) order by version desc limit $4", t.tenant(), campaignID, before, limit)
}
