package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// This file holds what the hot path does to many of one tenant's tasks in one statement (decision 0050). Every
// statement names the versions or epochs it goes by, and answers which rows it changed.
//
// Ids are cast as whole arrays, never row by row: a cast of a column can fail and so leak, and behind row-level
// security only what cannot leak may look into an index. Row by row, Postgres reads all of the tenant's tasks.

// Rows are looked up key by key, in the keys' order and each once. Given a list, or a join, Postgres reads all that a tenant
// has while it believes that to be little: it looks at a table that fills a minute late (decision 0091).
const (
	keys        = "(select distinct unnest($2::uuid[]) as id order by id) a cross join lateral "
	tasksByKey  = "select " + taskColumns + " from " + keys + "(select * from tasks where tenant_id = $1 and id = a.id offset 0) t"
	tasksLocked = "select " + taskColumns + " from " + keys + "(select * from tasks where tenant_id = $1 and id = a.id for update) t"
)

// placedIn joins the rows j to a table's rows k and their places, for updates: they too could begin with all that a tenant
// has, or with an index of one state's rows that was empty at the last look (decision 0094). A place is a row version's, so
// what changes a row at its place fences by epoch or version too, or another's change in between would be written over.
func placedIn(table string) string {
	return "cross join lateral (select ctid as place, * from " + table + " where tenant_id = $1 and id = j.id offset 0) k"
}

// TasksGet answers the tasks that exist among ids.
func (t *Tx) TasksGet(ctx context.Context, ids []string) ([]Task, error) {
	return many[Task](ctx, t, tasksByKey, t.tenant(), ids)
}

// TasksLock answers the tasks that exist among ids and holds their rows, taken in id order.
func (t *Tx) TasksLock(ctx context.Context, ids []string) ([]Task, error) {
	return many[Task](ctx, t, tasksLocked, t.tenant(), ids)
}

// CampaignsLock locks the campaigns with these ids, in id order, before any of their tasks.
func (t *Tx) CampaignsLock(ctx context.Context, ids []string) ([]Campaign, error) {
	return many[Campaign](ctx, t, "select c.* from "+keys+"(select "+campaignColumns+" from campaigns where tenant_id = $1 and id = a.id for update) c", t.tenant(), ids)
}

// campaignsOf are the tasks' campaigns by id, locked or not.
func campaignsOf(lock string) string {
	return "select c.* from (select distinct t.campaign_id as id from " + keys + "(select campaign_id from tasks where tenant_id = $1 and id = a.id offset 0) t order by 1) a cross join lateral (select " +
		campaignColumns + " from campaigns where tenant_id = $1 and id = a.id " + lock + ") c"
}

// Bound is a blocked task with the specification it will be dispatched with.
type Bound struct {
	ID           string
	StateVersion int64
	TaskSpec
	NotBefore time.Time
	// Deadline is nil for a task without a slot of its own.
	Deadline *time.Time
	// Send is the task as it will be, when it is queued and not ready (decision 0082).
	Send *ReadyTask
}

// TasksReady makes blocked tasks ready, or queued, with their specification, without a round trip of its own. The
// transaction is a conflict STALE_VERSION unless all were as read.
func (t *Tx) TasksReady(tasks []Bound) {
	if len(tasks) == 0 {
		return
	}
	n := len(tasks)
	ids, states, versions, modes, args, tools, specs := make([]string, n), make([]string, n), make([]int64, n), make([]string, n), make([][]byte, n), make([]string, n), make([]string, n)
	tainted, starts, ends := make([]bool, n), make([]time.Time, n), make([]*time.Time, n)
	for i, b := range tasks {
		ids[i], states[i], versions[i], modes[i], args[i], tools[i], specs[i] = b.ID, "ready", b.StateVersion, b.Mode, b.Arguments, b.ToolDigest, b.SpecDigest
		if b.Send != nil {
			states[i], t.sent = "queued", append(t.sent, *b.Send)
		}
		t.readied = t.readied || b.Send == nil
		tainted[i], starts[i], ends[i] = b.Tainted, b.NotBefore, b.Deadline
	}
	var b pgx.Batch
	b.Queue(`with blocked as materialized (
			select j.*, k.place from unnest($2::uuid[], $3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::bool[], $9::timestamptz[], $10::timestamptz[], $11::text[])
				as j(id, version, mode, arguments, tool, spec, tainted, start, until, state)
			`+placedIn("tasks")+` where k.state = 'blocked' and k.state_version = j.version)
		update tasks t set state = j.state, dispatched_at = case when j.state = 'queued' then now() end, mode = j.mode, arguments = j.arguments, tool_digest = j.tool, spec_digest = j.spec, tainted = j.tainted,
		not_before = j.start, deadline = coalesce(j.until, t.deadline), error = null, stalled = false, state_version = t.state_version + 1, updated_at = now()
		from blocked j where t.tenant_id = $1 and t.ctid = j.place and t.state_version = j.version`, t.tenant(), ids, versions, modes, args, tools, specs, tainted, starts, ends, states).Exec(exactly(n))
	t.wait(&b)
}

// Asked is one claim: a task under the epoch and digest that its message named.
type Asked struct {
	ID         string
	Epoch      int64
	SpecDigest string
}

// Claimed is a granted claim.
type Claimed struct {
	ID         string    `db:"id"`
	Epoch      int64     `db:"epoch"`
	Attempt    int32     `db:"attempt"`
	LeaseUntil time.Time `db:"lease_until"`
}

// TasksClaim starts an attempt for every task that is queued under the epoch and digest named and that no switch
// holds: epoch and attempt are counted before anything runs, so a task that kills its worker still ends. Rows are locked
// in id order. It goes out with the commit, and answers the granted ones then.
func (t *Tx) TasksClaim(asked []Asked, worker string, lease time.Duration, granted *[]Claimed) {
	var b pgx.Batch
	t.queueClaim(&b, asked, worker, lease, granted)
	t.last(&b)
}

func (t *Tx) queueClaim(b *pgx.Batch, asked []Asked, worker string, lease time.Duration, granted *[]Claimed) {
	ids, epochs, digests := make([]string, len(asked)), make([]int64, len(asked)), make([]string, len(asked))
	for i, a := range asked {
		ids[i], epochs[i], digests[i] = a.ID, a.Epoch, a.SpecDigest
	}
	b.Queue(`
		with asked as (select id, epoch, digest from unnest($2::uuid[], $3::bigint[], $4::text[]) as a(id, epoch, digest) order by id),
		-- Locked by key alone, by the offset: with the state in it, Postgres may take the index of queued tasks, which was empty when it last looked.
		held as (
			select k.id from asked a cross join lateral (select * from tasks where tenant_id = $1 and id = a.id offset 0 for update) k
			where k.state = 'queued' and k.epoch = a.epoch and k.spec_digest = a.digest and `+unstopped+`)
		update tasks t set state = 'running', epoch = t.epoch + 1, attempt = attempt + 1, started_at = coalesce(t.started_at, now()), worker_id = $5, lease_until = now() + make_interval(secs => $6),
			dispatched_at = null, state_version = state_version + 1, updated_at = now()
		from held where t.tenant_id = $1 and t.id = held.id returning t.id, t.epoch, t.attempt, t.lease_until`, t.tenant(), ids, epochs, digests, worker, lease.Seconds()).Query(collect(granted))
}

// Input is what one task builds on: one of its dependencies with the last result, and the receipt if an effect of it
// was confirmed.
type Input struct {
	TaskID    string `db:"task_id"`
	DependsOn string `db:"depends_on"`
	Node      string `db:"node"`
	Tainted   bool   `db:"tainted"`
	// Body is nil for a dependency without a result.
	Body        []byte  `db:"body"`
	Confirmed   bool    `db:"confirmed"`
	RemoteID    *string `db:"remote_id"`
	URI         *string `db:"uri"`
	URL         *string `db:"url"`
	PlatformKey *string `db:"platform_key"`
}

const inputsOf = `select g.task_id, g.depends_on, k.node, k.tainted, r.body, e.id is not null as confirmed, e.remote_id, e.uri, e.url, e.platform_key
		from ` + keys + `(select * from task_edges where tenant_id = $1 and task_id = a.id offset 0) g
		cross join lateral (select id, tenant_id, node, tainted from tasks where tenant_id = $1 and id = g.depends_on offset 0) k
		left join lateral (select body from results where tenant_id = k.tenant_id and task_id = k.id order by epoch desc limit 1) r on true
		left join effects e on e.tenant_id = k.tenant_id and e.task_id = k.id and e.state = 'confirmed'
		order by g.task_id, k.id`

// Inputs answers what the given tasks build on, by task.
func (t *Tx) Inputs(ctx context.Context, taskIDs []string) (map[string][]Input, error) {
	rows, err := many[Input](ctx, t, inputsOf, t.tenant(), taskIDs)
	return byTask(rows), err
}

func byTask(rows []Input) map[string][]Input {
	out := make(map[string][]Input, len(rows))
	for _, r := range rows {
		out[r.TaskID] = append(out[r.TaskID], r)
	}
	return out
}

// ReadyTask is a task on its way to the bus.
type ReadyTask struct {
	Task
	DependsOn []string `db:"depends_on"`
	// Room is what the tenant's window had left before.
	Room int64 `db:"room"`
}

// Kept is what a batch of results leaves behind.
type Kept struct {
	Results []ResultRow
	// Verdicts are those that are committed with their results.
	Verdicts []Decision
	Tasks    []Moved
}

// Moved is a running task after its result came.
type Moved struct {
	ID string
	// Epoch is the fence that the result came under.
	Epoch int64
	// State is judging, or succeeded with the verdict.
	State string
	// StateVersion is the one it has from now on.
	StateVersion int64
	CostMicros   int64
	// Tainted spreads the label; it never takes it off.
	Tainted  bool
	Degraded []string
}

// ResultsKeep keeps results and verdicts, moves their running tasks, and answers what that leaves of the campaigns, in one
// round trip. Conflict ALREADY_EXISTS when an attempt has a result, STALE_VERSION unless all tasks run under the epochs
// named: they are locked.
func (t *Tx) ResultsKeep(ctx context.Context, k Kept, campaignIDs []string) (Left, error) {
	t.freed = true
	n := len(k.Tasks)
	ids, epochs, states, versions, costs := make([]string, n), make([]int64, n), make([]string, n), make([]int64, n), make([]int64, n)
	tainted, degraded := make([]bool, n), make([]*string, n)
	for i, m := range k.Tasks {
		ids[i], epochs[i], states[i], versions[i], costs[i], tainted[i] = m.ID, m.Epoch, m.State, m.StateVersion, m.CostMicros, m.Tainted
		if len(m.Degraded) > 0 {
			// A column of lists travels as text: Postgres' arrays of arrays must be rectangular.
			raw, err := json.Marshal(m.Degraded)
			if err != nil {
				return Left{}, err
			}
			text := string(raw)
			degraded[i] = &text
		}
	}
	var b pgx.Batch
	var left Left
	t.queueResults(&b, k.Results)
	if len(k.Verdicts) > 0 {
		t.queueDecisions(&b, k.Verdicts)
	}
	b.Queue(`with running as materialized (
			select j.*, k.place from unnest($2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bool[], $8::text[]) as j(id, epoch, state, version, cost, tainted, degraded)
			`+placedIn("tasks")+` where k.state = 'running' and k.epoch = j.epoch)
		update tasks t set state = j.state, error = null, cost_micros = t.cost_micros + j.cost, tainted = t.tainted or j.tainted,
		degraded = case when j.degraded is null then '{}' else array(select jsonb_array_elements_text(j.degraded::jsonb)) end,
		stalled = false, lease_until = null, worker_id = null, dispatched_at = null, state_version = j.version, updated_at = now()
		from running j where t.tenant_id = $1 and t.ctid = j.place and t.epoch = j.epoch`, t.tenant(), ids, epochs, states, versions, costs, tainted, degraded).Exec(exactly(n))
	if len(campaignIDs) > 0 {
		t.queueLeft(&b, campaignIDs, &left)
	}
	err := t.ask(ctx, &b)
	return left, err
}

// exactly fails as stale unless a statement changed n rows.
func exactly(n int) func(pgconn.CommandTag) error {
	return func(done pgconn.CommandTag) error {
		if done.RowsAffected() != int64(n) {
			return errStale
		}
		return nil
	}
}
