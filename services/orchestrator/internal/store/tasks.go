package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// Task is one step's row: the queue itself. See specs/technical.md for its state machine.
type Task struct {
	ID             string          `db:"id"`
	CampaignID     string          `db:"campaign_id"`
	AgentID        string          `db:"agent_id"`
	PlanVersion    int32           `db:"plan_version"`
	PersonaVersion int32           `db:"persona_version"`
	Node           string          `db:"node"`
	Kind           string          `db:"kind"`
	Mode           string          `db:"mode"`
	Tool           string          `db:"tool"`
	AccountID      *string         `db:"account_id"`
	Tainted        bool            `db:"tainted"`
	Arguments      []byte          `db:"arguments"`
	ToolDigest     string          `db:"tool_digest"`
	SpecDigest     string          `db:"spec_digest"`
	State          string          `db:"state"`
	StateVersion   int64           `db:"state_version"`
	Epoch          int64           `db:"epoch"`
	Attempt        int32           `db:"attempt"`
	MaxAttempts    int32           `db:"max_attempts"`
	Priority       int32           `db:"priority"`
	TimeoutMS      int32           `db:"timeout_ms"`
	DelayMS        int64           `db:"delay_ms"`
	MaxCostMicros  int64           `db:"max_cost_micros"`
	CostMicros     int64           `db:"cost_micros"`
	NotBefore      time.Time       `db:"not_before"`
	Deadline       *time.Time      `db:"deadline"`
	LeaseUntil     *time.Time      `db:"lease_until"`
	WorkerID       *string         `db:"worker_id"`
	HeldSince      *time.Time      `db:"held_since"`
	Error          json.RawMessage `db:"error"`
	Degraded       []string        `db:"degraded"`
	RequestID      string          `db:"request_id"`
	Traceparent    string          `db:"traceparent"`
	ResolvesEffect *string         `db:"resolves_effect"`
	CreatedAt      time.Time       `db:"created_at"`
	UpdatedAt      time.Time       `db:"updated_at"`
}

// Account is the account's id or "".
func (t Task) Account() string {
	if t.AccountID == nil {
		return ""
	}
	return *t.AccountID
}

const taskColumns = `t.id, t.campaign_id, t.agent_id, t.plan_version, t.persona_version, t.node, t.kind, t.mode, t.tool, t.account_id, t.tainted, t.arguments,
	t.tool_digest, t.spec_digest, t.state, t.state_version, t.epoch, t.attempt, t.max_attempts, t.priority, t.timeout_ms, t.delay_ms, t.max_cost_micros,
	t.cost_micros, t.not_before, t.deadline, t.lease_until, t.worker_id, t.held_since, t.error, t.degraded, t.request_id, t.traceparent, t.resolves_effect, t.created_at, t.updated_at`

const taskSelect = "select " + taskColumns + " from tasks t where t.tenant_id = $1"

// TaskInsert adds a blocked task, or a ready one when its arguments are bound already: of its plan version and those
// after it, or of none when it is a look-up.
func (t *Tx) TaskInsert(ctx context.Context, k Task, dependsOn []string) error {
	t.readied = t.readied || k.State == "ready"
	if _, err := t.exec(ctx, `insert into tasks (tenant_id, id, campaign_id, agent_id, plan_version, persona_version, node, kind, mode, tool, account_id, tainted, arguments,
		tool_digest, spec_digest, state, max_attempts, priority, timeout_ms, delay_ms, max_cost_micros, not_before, deadline, request_id, traceparent, resolves_effect, last_plan_version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26::uuid, case when $26 is not null then 0 end)`,
		t.tenant(), k.ID, k.CampaignID, k.AgentID, k.PlanVersion, k.PersonaVersion, k.Node, k.Kind, k.Mode, k.Tool, k.AccountID, k.Tainted, k.Arguments,
		k.ToolDigest, k.SpecDigest, k.State, k.MaxAttempts, k.Priority, k.TimeoutMS, k.DelayMS, k.MaxCostMicros, k.NotBefore, k.Deadline, k.RequestID, k.Traceparent, k.ResolvesEffect); err != nil {
		return err
	}
	_, err := t.exec(ctx, "insert into task_edges (tenant_id, task_id, depends_on) select $1, $2, d from unnest($3::uuid[]) as d", t.tenant(), k.ID, dependsOn)
	return err
}

// TaskGet answers one task.
func (t *Tx) TaskGet(ctx context.Context, id string) (Task, error) {
	return one[Task](ctx, t, taskSelect+" and t.id = $2", t.tenant(), id)
}

// TaskLock is TaskGet and holds the row to the transaction's end.
func (t *Tx) TaskLock(ctx context.Context, id string) (Task, error) {
	return one[Task](ctx, t, taskSelect+" and t.id = $2 for update", t.tenant(), id)
}

// TaskList pages newest first.
func (t *Tx) TaskList(ctx context.Context, campaignID, state, before string, limit int) ([]Task, error) {
	return many[Task](ctx, t, taskSelect+` and ($2 = '' or t.campaign_id = nullif($2, '')::uuid) and ($3 = '' or t.state = $3)
		and ($4 = '' or t.id < nullif($4, '')::uuid) order by t.id desc limit $5`, t.tenant(), campaignID, state, before, limit)
}

// PlanTasks answers the tasks of one plan version, by node.
func (t *Tx) PlanTasks(ctx context.Context, campaignID string, version int32) ([]Task, error) {
	return many[Task](ctx, t, taskSelect+` and t.campaign_id = $2 and t.plan_version <= $3 and (t.last_plan_version is null or t.last_plan_version >= $3)
		order by t.id`, t.tenant(), campaignID, version)
}

// TaskChange is what a transition writes. Lease and worker are cleared by every transition but a claim.
type TaskChange struct {
	State string
	// Error replaces the last error; nil clears it.
	Error json.RawMessage
	// NotBefore is kept when nil.
	NotBefore *time.Time
	// Cost is added.
	CostMicros int64
	// Degraded replaces the notes when not nil.
	Degraded []string
	// ResetAttempts starts counting anew: a person asked for it, or the step's mode changed.
	ResetAttempts bool
	// Uncounted takes the attempt off the count.
	Uncounted bool
	// Held keeps since when the task waits for its skill; any other transition ends the wait.
	Held bool
}

// TaskMove makes one transition, naming the version it read (R7.4).
func (t *Tx) TaskMove(ctx context.Context, id string, stateVersion int64, c TaskChange) error {
	t.readied, t.freed = t.readied || c.State == "ready", true
	return t.must1(ctx, `update tasks set state = $4, error = $5, not_before = coalesce($6, not_before), cost_micros = cost_micros + $7,
		degraded = coalesce($8, degraded), attempt = case when $9 then 0 when $10 then greatest(attempt - 1, 0) else attempt end,
		held_since = case when $11 then coalesce(held_since, now()) end,
		stalled = false, lease_until = null, worker_id = null, dispatched_at = null, state_version = state_version + 1, updated_at = now()
		where tenant_id = $1 and id = $2 and state_version = $3`,
		t.tenant(), id, stateVersion, c.State, c.Error, c.NotBefore, c.CostMicros, c.Degraded, c.ResetAttempts, c.Uncounted, c.Held)
}

// TaskSpec is what of a task its digest covers.
type TaskSpec struct {
	Mode       string
	Arguments  []byte
	ToolDigest string
	SpecDigest string
	Tainted    bool
}

// TaskBind writes the specification a task will be dispatched with. The state is moved separately.
func (t *Tx) TaskBind(ctx context.Context, id string, s TaskSpec) error {
	return t.must1(ctx, "update tasks set mode = $3, arguments = $4, tool_digest = $5, spec_digest = $6, tainted = $7 where tenant_id = $1 and id = $2",
		t.tenant(), id, s.Mode, s.Arguments, s.ToolDigest, s.SpecDigest, s.Tainted)
}

// TaskDependencies lists what a task waits for.
func (t *Tx) TaskDependencies(ctx context.Context, id string) ([]string, error) {
	return column[string](ctx, t, "select depends_on from task_edges where tenant_id = $1 and task_id = $2 order by depends_on", t.tenant(), id)
}

// Freed locks the campaigns' blocked tasks that need not wait any longer, in one round trip: those that wait for one that
// will never succeed, and those whose dependencies have all succeeded.
func (t *Tx) Freed(ctx context.Context, campaignIDs []string) (doomed, able []Task, err error) {
	var b pgx.Batch
	b.Queue(doomedTasks, t.tenant(), campaignIDs).Query(collect(&doomed))
	b.Queue(blockedTasks("not exists (select from task_edges e join tasks d on d.tenant_id = e.tenant_id and d.id = e.depends_on where e.tenant_id = b.tenant_id and e.task_id = b.id and d.state <> 'succeeded')",
		"skip locked"), t.tenant(), campaignIDs).Query(collect(&able))
	err = t.ask(ctx, &b)
	return doomed, able, err
}

// Doomed locks the campaigns' blocked tasks that wait for one that will never succeed.
func (t *Tx) Doomed(ctx context.Context, campaignIDs []string) ([]Task, error) {
	return many[Task](ctx, t, doomedTasks, t.tenant(), campaignIDs)
}

// blockedTasks locks those of campaigns' blocked tasks b for which a condition holds, in id order within each campaign.
func blockedTasks(condition, wait string) string {
	return "select " + taskColumns + " from " + keys + "(select b.* from tasks b where b.tenant_id = $1 and b.campaign_id = a.id and b.state = 'blocked' and " + condition + " order by b.id for update of b " + wait + ") t"
}

var doomedTasks = blockedTasks(`exists (select from task_edges e join tasks d on d.tenant_id = e.tenant_id and d.id = e.depends_on
	where e.tenant_id = b.tenant_id and e.task_id = b.id and d.state in ('rejected', 'failed', 'cancelled', 'expired'))`, "")

// OpenTasks locks the campaign's tasks that have not ended, in id order so that two callers cannot deadlock.
func (t *Tx) OpenTasks(ctx context.Context, campaignID string) ([]Task, error) {
	return many[Task](ctx, t, taskSelect+` and t.campaign_id = $2 and t.state not in ('succeeded', 'rejected', 'failed', 'expired', 'cancelled')
		order by t.id for update of t`, t.tenant(), campaignID)
}

// Successors answers the tasks that directly wait for one.
func (t *Tx) Successors(ctx context.Context, id string) ([]Task, error) {
	return many[Task](ctx, t, "select "+taskColumns+` from task_edges e join tasks t on t.tenant_id = e.tenant_id and t.id = e.task_id
		where e.tenant_id = $1 and e.depends_on = $2 order by t.id for update of t`, t.tenant(), id)
}

// TaskOutput is a succeeded task's last result, for those that build on it.
type TaskOutput struct {
	Node    string `db:"node"`
	Tainted bool   `db:"tainted"`
	Body    []byte `db:"body"`
}

// Outputs answers the last results of the given tasks.
func (t *Tx) Outputs(ctx context.Context, taskIDs []string) ([]TaskOutput, error) {
	return many[TaskOutput](ctx, t, `select distinct on (k.id) k.node, k.tainted, r.body from `+keys+`(select id, tenant_id, node, tainted from tasks where tenant_id = $1 and id = a.id offset 0) k
		join results r on r.tenant_id = k.tenant_id and r.task_id = k.id order by k.id, r.epoch desc`, t.tenant(), taskIDs)
}

// StateCounts answers how many of the tenant's tasks are in each state, ended ones left out, from the counters: it
// costs the same whatever the backlog.
func (t *Tx) StateCounts(ctx context.Context) (map[string]int64, error) {
	rows, err := many[struct {
		State string `db:"state"`
		N     int64  `db:"n"`
	}](ctx, t, `select state, sum(n)::bigint as n from (select state, n from task_counts where tenant_id = $1 union all select state, n from task_count_changes where tenant_id = $1) c
		where state not in ('succeeded', 'rejected', 'failed', 'expired', 'cancelled') group by state having sum(n) > 0`, t.tenant())
	counts := make(map[string]int64, len(rows))
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, err
}

// OldestReady is how long the oldest task that may run has waited; 0 with none.
func (t *Tx) OldestReady(ctx context.Context) (time.Duration, error) {
	seconds, err := scalar[float64](ctx, t, `select coalesce(extract(epoch from now() - (
		select not_before from tasks where tenant_id = $1 and state = 'ready' and not_before <= now() order by not_before limit 1)), 0)::float8`, t.tenant())
	return time.Duration(seconds * float64(time.Second)), err
}
