package store

import (
	"context"
	"time"
)

// CalendarFilter is a span of time, To not included; zero ids do not narrow it.
type CalendarFilter struct {
	From, To           time.Time
	AgentID, AccountID string
}

// CalendarPost is a published post with whose it is.
type CalendarPost struct {
	ID          string    `db:"id"`
	TaskID      string    `db:"task_id"`
	CampaignID  string    `db:"campaign_id"`
	AccountID   string    `db:"account_id"`
	AgentID     string    `db:"agent_id"`
	Platform    string    `db:"platform"`
	Handle      string    `db:"handle"`
	Text        string    `db:"text"`
	PublishedAt time.Time `db:"published_at"`
}

// CalendarPosts answers what was published, oldest first.
func (t *Tx) CalendarPosts(ctx context.Context, f CalendarFilter, limit int) ([]CalendarPost, error) {
	return many[CalendarPost](ctx, t, `select p.id, p.task_id, p.campaign_id, p.account_id, a.agent_id, p.platform, a.handle, left(p.text, 280) as text, p.published_at
		from posts p join accounts a on a.tenant_id = p.tenant_id and a.id = p.account_id
		where p.tenant_id = $1 and p.published_at >= $2 and p.published_at < $3 and ($4 = '' or a.agent_id = nullif($4, '')::uuid) and ($5 = '' or p.account_id = nullif($5, '')::uuid)
		order by p.published_at limit $6`, t.tenant(), f.From, f.To, f.AgentID, f.AccountID, limit)
}

// CalendarTask is a publication that is still to come.
type CalendarTask struct {
	Task
	// At is the earliest moment it can be published: a person's choice, or what the plan allows.
	At            time.Time  `db:"at"`
	PlannedAt     *time.Time `db:"planned_at"`
	CampaignState string     `db:"campaign_state"`
	Platform      string     `db:"platform"`
	Handle        string     `db:"handle"`
	ReviewID      *string    `db:"review_id"`
	Excerpt       *string    `db:"excerpt"`
}

// CalendarTasks answers the current plans' open publications, earliest first. It reads open effects only.
func (t *Tx) CalendarTasks(ctx context.Context, f CalendarFilter, limit int) ([]CalendarTask, error) {
	return many[CalendarTask](ctx, t, `select `+taskColumns+`, s.at, t.planned_at, c.state as campaign_state, coalesce(a.platform, '') as platform, coalesce(a.handle, '') as handle,
			r.id as review_id, r.excerpt
		from tasks t join campaigns c on c.tenant_id = t.tenant_id and c.id = t.campaign_id
		left join accounts a on a.tenant_id = t.tenant_id and a.id = t.account_id
		left join reviews r on r.tenant_id = t.tenant_id and r.task_id = t.id and r.state = 'open'
		cross join lateral (select greatest(t.planned_at, case when t.state = 'blocked' then now() else t.not_before end, now()) as at) s
		where t.tenant_id = $1 and t.kind = 'effect' and t.state in ('blocked', 'ready', 'queued', 'running', 'judging', 'awaiting_review', 'unknown')
			and t.last_plan_version is null and c.state in ('running', 'paused') and s.at >= $2 and s.at < $3
			and ($4 = '' or t.agent_id = nullif($4, '')::uuid) and ($5 = '' or t.account_id = nullif($5, '')::uuid)
		order by s.at, t.id limit $6`, t.tenant(), f.From, f.To, f.AgentID, f.AccountID, limit)
}
