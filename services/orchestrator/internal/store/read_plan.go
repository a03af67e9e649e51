package store

import (
	"context"
	"time"
)

// TaskTimes are the times of a task that its transitions do not need.
type TaskTimes struct {
	ID string `db:"id"`
	// StartedAt is when its first attempt began.
	StartedAt *time.Time `db:"started_at"`
	// PlannedAt is the earliest moment a person set.
	PlannedAt *time.Time `db:"planned_at"`
	// LastVerdict is "" before the first.
	LastVerdict string `db:"last_verdict"`
}

// TaskTimesOf answers several tasks' times, by id.
func (t *Tx) TaskTimesOf(ctx context.Context, taskIDs []string) (map[string]TaskTimes, error) {
	rows, err := many[TaskTimes](ctx, t, `select k.id, k.started_at, k.planned_at, coalesce((select d.verdict from decisions d
			where d.tenant_id = k.tenant_id and d.task_id = k.id order by d.created_at desc, d.id desc limit 1), '') as last_verdict
		from tasks k where k.tenant_id = $1 and k.id = any($2::uuid[])`, t.tenant(), taskIDs)
	byID := make(map[string]TaskTimes, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	return byID, err
}

// PlannedAt answers the earliest moment a person set for a task; nil without one.
func (t *Tx) PlannedAt(ctx context.Context, taskID string) (*time.Time, error) {
	return scalar[*time.Time](ctx, t, "select planned_at from tasks where tenant_id = $1 and id = $2", t.tenant(), taskID)
}

// TaskPlan sets the earliest moment of a task that has not been sent.
func (t *Tx) TaskPlan(ctx context.Context, id string, at time.Time) error {
	return t.must1(ctx, "update tasks set planned_at = $3 where tenant_id = $1 and id = $2", t.tenant(), id, at)
}

// AccountOwner is whose account it is.
type AccountOwner struct {
	ID       string `db:"id"`
	AgentID  string `db:"agent_id"`
	Platform string `db:"platform"`
}

// OwnersOf answers whose the accounts are, by id.
func (t *Tx) OwnersOf(ctx context.Context, accountIDs []string) (map[string]AccountOwner, error) {
	rows, err := many[AccountOwner](ctx, t, "select id, agent_id, platform from accounts where tenant_id = $1 and id = any($2::uuid[])", t.tenant(), accountIDs)
	byID := make(map[string]AccountOwner, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	return byID, err
}

// HeldFor counts by tool the tasks that wait for a changed tool to be accepted.
func (t *Tx) HeldFor(ctx context.Context) (map[string]int32, error) {
	rows, err := many[struct {
		Tool string `db:"tool"`
		N    int32  `db:"n"`
	}](ctx, t, `select k.tool, count(*)::int as n from tasks k join tools w on w.tool = k.tool
		where k.tenant_id = $1 and k.state = 'ready' and w.digest <> k.tool_digest group by k.tool`, t.tenant())
	held := make(map[string]int32, len(rows))
	for _, r := range rows {
		held[r.Tool] = r.N
	}
	return held, err
}

// PlannedTimes gives the tasks of the current plan the times that its nodes (the planner's JSON) hold.
func (t *Tx) PlannedTimes(ctx context.Context, campaignID string, nodes []byte) error {
	_, err := t.exec(ctx, `update tasks k set planned_at = (n.node ->> 'at')::timestamptz
		from jsonb_array_elements($3::jsonb) as n(node)
		where k.tenant_id = $1 and k.campaign_id = $2 and k.last_plan_version is null
			and n.node ->> 'key' = k.node and n.node ->> 'at' is not null and k.planned_at is distinct from (n.node ->> 'at')::timestamptz`,
		t.tenant(), campaignID, string(nodes))
	return err
}

// Voids is what planning steps anew takes away.
type Voids struct {
	Reviews []string `db:"reviews"`
	// Approval was given and not used.
	Approval bool `db:"approval"`
	// Grant was signed and not redeemed.
	Grant bool `db:"grant"`
}

// VoidedBy answers what of the tasks people decided, or are asked.
func (t *Tx) VoidedBy(ctx context.Context, taskIDs []string) (Voids, error) {
	return one[Voids](ctx, t, `select coalesce((select array_agg(id::text order by id) from reviews where tenant_id = $1 and state = 'open' and task_id = any($2::uuid[])), '{}') as reviews,
		exists (select from effects e join tasks k on k.tenant_id = e.tenant_id and k.id = e.task_id
			where e.tenant_id = $1 and e.state = 'prepared' and k.mode = 'execute' and k.id = any($2::uuid[])) as approval,
		exists (select from grants g join effects e on e.tenant_id = g.tenant_id and e.id = g.effect_id join tasks k on k.tenant_id = e.tenant_id and k.id = e.task_id
			where g.tenant_id = $1 and g.state = 'issued' and e.state = 'prepared' and k.mode = 'execute' and k.id = any($2::uuid[])) as "grant"`, t.tenant(), taskIDs)
}
