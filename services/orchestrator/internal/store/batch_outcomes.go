package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// ResultRow is a worker's result to keep.
type ResultRow struct {
	ID, TaskID string
	Epoch      int64
	Attempt    int32
	Body       []byte
}

func (t *Tx) queueResults(b *pgx.Batch, rows []ResultRow) {
	n := len(rows)
	ids, tasks, epochs, attempts, bodies := make([]string, n), make([]string, n), make([]int64, n), make([]int32, n), make([][]byte, n)
	for i, r := range rows {
		ids[i], tasks[i], epochs[i], attempts[i], bodies[i] = r.ID, r.TaskID, r.Epoch, r.Attempt, r.Body
	}
	b.Queue(`insert into results (tenant_id, id, task_id, epoch, attempt, body)
		select $1, r.id, r.task, r.epoch, r.attempt, r.body from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::int[], $6::bytea[]) as r(id, task, epoch, attempt, body)`,
		t.tenant(), ids, tasks, epochs, attempts, bodies)
}

// ResultKey tells which task a result is of, and which attempt.
type ResultKey struct {
	ID     string `db:"id"`
	TaskID string `db:"task_id"`
}

// ResultsKnown answers which of the results are kept already, and of which task.
func (t *Tx) ResultsKnown(ctx context.Context, ids []string) ([]ResultKey, error) {
	return many[ResultKey](ctx, t, "select r.* from "+keys+"(select id, task_id from results where tenant_id = $1 and id = a.id offset 0) r", t.tenant(), ids)
}

// ResultsLast answers the results of the tasks' latest epochs.
func (t *Tx) ResultsLast(ctx context.Context, taskIDs []string) ([]Result, error) {
	return many[Result](ctx, t, "select r.* from "+keys+"(select id, task_id, body, created_at from results where tenant_id = $1 and task_id = a.id order by epoch desc limit 1) r", t.tenant(), taskIDs)
}

func (t *Tx) queueDecisions(b *pgx.Batch, rows []Decision) {
	n := len(rows)
	ids, tasks, results, verdicts, deciders, by, bodies := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([][]byte, n)
	for i, d := range rows {
		ids[i], tasks[i], results[i], verdicts[i], deciders[i], by[i], bodies[i] = d.ID, d.TaskID, d.ResultID, d.Verdict, d.Decider, d.DecidedBy, d.Body
	}
	b.Queue(`insert into decisions (tenant_id, id, task_id, result_id, verdict, decider, decided_by, body)
		select $1, d.id, d.task, d.result, d.verdict, d.decider, d.by, d.body
		from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::bytea[]) as d(id, task, result, verdict, decider, by, body)`,
		t.tenant(), ids, tasks, results, verdicts, deciders, by, bodies)
}

func collect[T any](into *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = structs[T](rows)
		return err
	}
}

// Spending is a cost to book, once per result.
type Spending struct {
	EntryID, CampaignID, TaskID, ResultID string
	Micros                                int64
}

// CampaignsSpend books costs, without a round trip of its own; the campaigns are locked by the caller.
func (t *Tx) CampaignsSpend(costs []Spending) {
	if len(costs) == 0 {
		return
	}
	n := len(costs)
	ids, campaigns, tasks, results, micros := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]int64, n)
	for i, s := range costs {
		ids[i], campaigns[i], tasks[i], results[i], micros[i] = s.EntryID, s.CampaignID, s.TaskID, s.ResultID, s.Micros
	}
	var b pgx.Batch
	b.Queue(`with booked as (
		insert into budget_entries (tenant_id, id, campaign_id, task_id, result_id, micros)
		select $1, b.id, b.campaign, b.task, b.result, b.micros
		from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[]) as b(id, campaign, task, result, micros) returning campaign_id, micros)
		update campaigns c set spent_micros = c.spent_micros + s.micros from (select campaign_id, sum(micros)::bigint as micros from booked group by campaign_id) s
		where c.tenant_id = $1 and c.id = s.campaign_id`, t.tenant(), ids, campaigns, tasks, results, micros)
	t.wait(&b)
}

// Published counts what an account has, or may have, published by a tool within the last 24 hours.
type Published struct {
	AccountID string `db:"account_id"`
	Tool      string `db:"tool"`
	N         int    `db:"n"`
}

// PublishedLastDay is ConfirmedLastDay for many accounts; those without any are left out.
func (t *Tx) PublishedLastDay(ctx context.Context, accountIDs []string) ([]Published, error) {
	return many[Published](ctx, t, `select account_id, tool, count(*)::int as n from effects where tenant_id = $1 and account_id = any($2::uuid[])
		and ((state = 'confirmed' and settled_at > now() - interval '24 hours') or state in ('sending', 'unknown', 'parked')) group by account_id, tool`, t.tenant(), accountIDs)
}

// AccountsGet answers the accounts that exist among ids.
func (t *Tx) AccountsGet(ctx context.Context, ids []string) ([]Account, error) {
	return many[Account](ctx, t, accountSelect+" and id = any($2::uuid[])", t.tenant(), ids)
}

// Left is what is left to do of campaigns.
type Left struct {
	// Blocked tells that some task waits for others.
	Blocked bool
	// Idle are the campaigns with no task of their current plan left to do, by id.
	Idle []Idle
}

// Idle is a campaign with nothing left to do, and its current plan's tasks by state; nil without any.
type Idle struct {
	ID       string
	Progress map[string]int32
}

// CampaignsLeft answers what is left to do of the campaigns.
func (t *Tx) CampaignsLeft(ctx context.Context, ids []string) (Left, error) {
	var b pgx.Batch
	var left Left
	t.queueLeft(&b, ids, &left)
	err := t.ask(ctx, &b)
	return left, err
}

// queueLeft looks for one task that is left, and stops there. The limits keep it from being turned into a join, the orders
// make it go by the campaign's index: else Postgres may read all of the tenant's tasks.
func (t *Tx) queueLeft(b *pgx.Batch, ids []string, left *Left) {
	b.Queue(`select l.*, case when l.idle then (select jsonb_object_agg(p.state, p.n) from (
			select state, count(*)::int as n from tasks where tenant_id = $1 and campaign_id = l.id and last_plan_version is null group by state) p) end as progress
		from (select c.id,
			(select k.state from tasks k where k.tenant_id = $1 and k.campaign_id = c.id and k.state = 'blocked' order by k.campaign_id, k.state limit 1) is not null as blocked,
			(select k.state from tasks k where k.tenant_id = $1 and k.campaign_id = c.id and k.last_plan_version is null
			and k.state in ('blocked', 'ready', 'queued', 'running', 'judging', 'awaiting_review', 'unknown') order by k.campaign_id, k.state limit 1) is null as idle
			from `+keys+`(select id, state from campaigns where tenant_id = $1 and id = a.id offset 0) c where c.state in ('running', 'paused') offset 0) l`, t.tenant(), ids).Query(func(rows pgx.Rows) error {
		var id string
		var blocked, idle bool
		var progress map[string]int32
		_, err := pgx.ForEachRow(rows, []any{&id, &blocked, &idle, &progress}, func() error {
			if left.Blocked = left.Blocked || blocked; idle {
				left.Idle = append(left.Idle, Idle{id, progress})
			}
			progress = nil
			return nil
		})
		return err
	})
}

// Progress counts a campaign's tasks in one state.
type Progress struct {
	CampaignID string `db:"campaign_id"`
	State      string `db:"state"`
	N          int32  `db:"n"`
}

// CampaignsProgress counts the current plans' tasks by campaign and state, of each campaign by itself and from the index
// alone: joined, Postgres may read all of the tenant's tasks. Campaigns without any are left out.
func (t *Tx) CampaignsProgress(ctx context.Context, ids []string) (map[string]map[string]int32, error) {
	rows, err := many[Progress](ctx, t, `select c.id as campaign_id, k.state, k.n from unnest($2::uuid[]) as c(id) cross join lateral (
		select state, count(*)::int as n from tasks where tenant_id = $1 and campaign_id = c.id and last_plan_version is null group by state) k`, t.tenant(), ids)
	out := map[string]map[string]int32{}
	for _, r := range rows {
		if out[r.CampaignID] == nil {
			out[r.CampaignID] = map[string]int32{}
		}
		out[r.CampaignID][r.State] = r.N
	}
	return out, err
}

// Ending is campaigns with their last states, each naming the version read.
type Ending struct {
	ids, states []string
	versions    []int64
}

// Add ends one more.
func (e *Ending) Add(id, state string, version int64) {
	e.ids, e.states, e.versions = append(e.ids, id), append(e.states, state), append(e.versions, version)
}

// CampaignsEnd moves campaigns to their last state, without a round trip of its own. The transaction is a conflict
// STALE_VERSION unless all were as read: they are locked.
func (t *Tx) CampaignsEnd(e Ending) {
	if len(e.ids) == 0 {
		return
	}
	var b pgx.Batch
	b.Queue(`with ending as materialized (
			select j.*, k.place from unnest($2::uuid[], $3::text[], $4::bigint[]) as j(id, state, version)
			`+placedIn("campaigns")+` where k.state_version = j.version)
		update campaigns c set state = j.state, state_version = c.state_version + 1, updated_at = now()
		from ending j where c.tenant_id = $1 and c.ctid = j.place and c.state_version = j.version`,
		t.tenant(), e.ids, e.states, e.versions).Exec(exactly(len(e.ids)))
	t.wait(&b)
}
