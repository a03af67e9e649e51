package store

import (
	"context"
	"time"
)

// AgentFilter narrows a listing; zero values do not.
type AgentFilter struct {
	// Query is looked for in the name and the accounts' handles.
	Query string
	// Attention wants agents that need a person.
	Attention bool
}

// AgentsMatching pages newest first; before is an id or "".
func (t *Tx) AgentsMatching(ctx context.Context, f AgentFilter, before string, limit int) ([]Agent, error) {
	return many[Agent](ctx, t, agentSelect+` and ($2 = '' or a.id < nullif($2, '')::uuid)
		and ($4 = '' or a.name ilike $5 or exists (select from accounts h where h.tenant_id = a.tenant_id and h.agent_id = a.id and h.handle ilike $5))
		and (not $6 or exists (select from reviews r where r.tenant_id = a.tenant_id and r.agent_id = a.id and r.state = 'open')
			or exists (select from accounts d where d.tenant_id = a.tenant_id and d.agent_id = a.id and (d.health = 'credential_dead'
				or exists (select from effects e where e.tenant_id = d.tenant_id and e.account_id = d.id and e.state in ('unknown', 'parked')))))
		order by a.id desc limit $3`, t.tenant(), before, limit, f.Query, like(f.Query), f.Attention)
}

// AgentSummary is how an agent does.
type AgentSummary struct {
	AgentID          string     `db:"agent_id"`
	CampaignsRunning int32      `db:"campaigns_running"`
	TasksTotal       int32      `db:"tasks_total"`
	TasksDone        int32      `db:"tasks_done"`
	TasksRunning     int32      `db:"tasks_running"`
	WaitingReviews   int32      `db:"waiting_reviews"`
	WaitingOldest    *time.Time `db:"waiting_oldest"`
	UnknownEffects   int32      `db:"unknown_effects"`
	SpentMicros      int64      `db:"spent_micros"`
	LastPostID       *string    `db:"last_post_id"`
	LastPostAt       *time.Time `db:"last_post_at"`
}

// AgentSummaries answers a page's agents in one query, whatever their number.
func (t *Tx) AgentSummaries(ctx context.Context, agentIDs []string) (map[string]AgentSummary, error) {
	rows, err := many[AgentSummary](ctx, t, `
		with page as (select id from agents where tenant_id = $1 and id = any($2::uuid[])),
		running as (select c.agent_id, c.id, c.state from campaigns c where c.tenant_id = $1 and c.state in ('running', 'paused') and c.agent_id in (select id from page)),
		campaigns_of as (select agent_id, count(*) filter (where state = 'running') as n from running group by agent_id),
		tasks_of as (select c.agent_id, sum(k.n) as total, sum(k.n) filter (where k.state = 'succeeded') as done,
				sum(k.n) filter (where k.state in ('queued', 'running', 'judging')) as running
			from running c cross join lateral (
				select state, count(*) as n from tasks where tenant_id = $1 and campaign_id = c.id and last_plan_version is null group by state) k group by c.agent_id),
		reviews_of as (select agent_id, count(*) as n, min(created_at) as oldest from reviews where tenant_id = $1 and state = 'open' and agent_id in (select id from page) group by agent_id),
		accounts_of as (select id, agent_id from accounts where tenant_id = $1 and agent_id in (select id from page)),
		unknown_of as (select a.agent_id, count(*) as n from effects e join accounts_of a on a.id = e.account_id where e.tenant_id = $1 and e.state in ('unknown', 'parked') group by a.agent_id),
		spent as (select agent_id, sum(micros)::bigint as micros from spend_days where tenant_id = $1 and day > (now() at time zone 'UTC')::date - 30 and agent_id in (select id from page) group by agent_id),
		posted as (select distinct on (a.agent_id) a.agent_id, p.id, p.published_at from accounts_of a
			cross join lateral (select id, published_at from posts where tenant_id = $1 and account_id = a.id order by published_at desc limit 1) p order by a.agent_id, p.published_at desc)
		select g.id as agent_id, coalesce(c.n, 0)::int as campaigns_running, coalesce(k.total, 0)::int as tasks_total, coalesce(k.done, 0)::int as tasks_done,
			coalesce(k.running, 0)::int as tasks_running, coalesce(r.n, 0)::int as waiting_reviews, r.oldest as waiting_oldest, coalesce(u.n, 0)::int as unknown_effects,
			coalesce(s.micros, 0) as spent_micros, p.id as last_post_id, p.published_at as last_post_at
		from page g left join campaigns_of c on c.agent_id = g.id left join tasks_of k on k.agent_id = g.id left join reviews_of r on r.agent_id = g.id
			left join unknown_of u on u.agent_id = g.id left join spent s on s.agent_id = g.id left join posted p on p.agent_id = g.id`, t.tenant(), agentIDs)
	byID := make(map[string]AgentSummary, len(rows))
	for _, r := range rows {
		byID[r.AgentID] = r
	}
	return byID, err
}

// AccountsOf answers the accounts of several agents, at most 50 of each.
func (t *Tx) AccountsOf(ctx context.Context, agentIDs []string) (map[string][]Account, error) {
	rows, err := many[Account](ctx, t, `select x.id, x.agent_id, x.platform, x.handle, x.base_url, x.health, x.state_version, x.created_at
		from unnest($2::uuid[]) as g(id) cross join lateral (select * from accounts where tenant_id = $1 and agent_id = g.id order by id limit 50) x`, t.tenant(), agentIDs)
	byAgent := make(map[string][]Account, len(agentIDs))
	for _, r := range rows {
		byAgent[r.AgentID] = append(byAgent[r.AgentID], r)
	}
	return byAgent, err
}
