package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// Policy is one version of what the Judge goes by; Body is protojson of platform.v1.Policy.
type Policy struct {
	Version   int32           `db:"version"`
	Body      json.RawMessage `db:"body"`
	CreatedBy string          `db:"created_by"`
	CreatedAt time.Time       `db:"created_at"`
}

const policyCurrent = "select version, body, created_by, created_at from policies where tenant_id = $1 order by version desc limit 1"

// PolicyCurrent answers the policy in force; every tenant has one from its making.
func (t *Tx) PolicyCurrent(ctx context.Context) (Policy, error) {
	return one[Policy](ctx, t, policyCurrent, t.tenant())
}

// PolicyInsert writes version base+1; a twin that was faster makes it fail as stale.
func (t *Tx) PolicyInsert(ctx context.Context, base int32, body json.RawMessage) error {
	n, err := t.exec(ctx, `insert into policies (tenant_id, version, body, created_by)
		select $1, $2 + 1, $3, $4 where coalesce((select max(version) from policies where tenant_id = $1), 0) = $2
		on conflict do nothing`, t.tenant(), base, body, t.scope.Actor)
	if err == nil && n == 0 {
		return errStale
	}
	return err
}

// Tool is what the workers see of a tool, and what this tenant pinned.
type Tool struct {
	Name         string     `db:"tool"`
	Version      string     `db:"version"`
	Digest       string     `db:"digest"`
	Descriptor   string     `db:"descriptor"`
	ReadOnly     bool       `db:"read_only"`
	SeenAt       time.Time  `db:"seen_at"`
	PinnedDigest *string    `db:"pinned_digest"`
	PinnedBy     *string    `db:"pinned_by"`
	PinnedAt     *time.Time `db:"pinned_at"`
	// PinnedDescriptor is what the tenant accepted: the Judge goes by its output schema.
	PinnedDescriptor *string `db:"pinned_descriptor"`
}

const toolSelect = `select t.tool, t.version, t.digest, t.descriptor, t.read_only, t.seen_at, p.digest as pinned_digest, p.pinned_by, p.pinned_at, p.descriptor as pinned_descriptor
	from tools t left join tool_pins p on p.tenant_id = $1 and p.tool = t.tool`

// Register records a worker's sign of life and the tools it sees. This is the installation's view: it names no
// tenant, touches no tenant's table and changes no pin.
func (s *Store) Register(ctx context.Context, workerID string, tools []Tool) error {
	_, err := s.app.Exec(ctx, "insert into workers (worker_id) values ($1) on conflict (worker_id) do update set seen_at = now()", workerID)
	for _, tool := range tools {
		if err != nil {
			break
		}
		_, err = s.app.Exec(ctx, `insert into tools (tool, version, digest, descriptor, read_only) values ($1, $2, $3, $4, $5)
			on conflict (tool) do update set version = excluded.version, digest = excluded.digest, descriptor = excluded.descriptor, read_only = excluded.read_only, seen_at = now()`,
			tool.Name, tool.Version, tool.Digest, tool.Descriptor, tool.ReadOnly)
	}
	return translate(err)
}

// ToolGet answers one tool with the tenant's pin.
func (t *Tx) ToolGet(ctx context.Context, name string) (Tool, error) {
	return one[Tool](ctx, t, toolSelect+" where t.tool = $2", t.tenant(), name)
}

// Taken is what verdicts on tasks' results go by. What does not exist is left out.
type Taken struct {
	Campaigns []Campaign
	Tasks     []Task
	Policy    Policy
	Pins      []Tool
}

// ResultsTake locks the tasks that results are of, their campaigns before them and both in id order, and reads what they
// are judged by, in one round trip.
func (t *Tx) ResultsTake(ctx context.Context, taskIDs []string) (Taken, error) {
	return t.taken(ctx, taskIDs, campaignsOf("for update"), tasksLocked)
}

// Judged reads what verdicts on the tasks' results go by, in one round trip. It locks nothing.
func (t *Tx) Judged(ctx context.Context, taskIDs []string) (Taken, error) {
	return t.taken(ctx, taskIDs, campaignsOf("offset 0"), "")
}

func (t *Tx) taken(ctx context.Context, taskIDs []string, campaigns, tasks string) (Taken, error) {
	var b pgx.Batch
	var out Taken
	var policies []Policy
	b.Queue(campaigns, t.tenant(), taskIDs).Query(collect(&out.Campaigns))
	if tasks != "" {
		b.Queue(tasks, t.tenant(), taskIDs).Query(collect(&out.Tasks))
	}
	b.Queue(policyCurrent, t.tenant()).Query(collect(&policies))
	b.Queue(toolSelect+" where t.tool = any(array(select k.tool from "+keys+"(select tool from tasks where tenant_id = $1 and id = a.id offset 0) k))", t.tenant(), taskIDs).Query(collect(&out.Pins))
	var err error
	out.Policy, err = first(policies, t.ask(ctx, &b))
	return out, err
}

// ToolList answers all tools with the tenant's pins; they are few.
func (t *Tx) ToolList(ctx context.Context) ([]Tool, error) {
	return many[Tool](ctx, t, toolSelect+" order by t.tool limit 1000", t.tenant())
}

// ToolPin pins what is seen, if it is still the digest the caller read.
func (t *Tx) ToolPin(ctx context.Context, name, digest, by string) error {
	return t.must1(ctx, `insert into tool_pins (tenant_id, tool, digest, descriptor, pinned_by)
		select $1, tool, digest, descriptor, $4 from tools where tool = $2 and digest = $3
		on conflict (tenant_id, tool) do update set digest = excluded.digest, descriptor = excluded.descriptor, pinned_by = excluded.pinned_by, pinned_at = now()`,
		t.tenant(), name, digest, by)
}

// WorkersAlive counts workers seen within the last minute.
func (t *Tx) WorkersAlive(ctx context.Context) (int, error) {
	return scalar[int](ctx, t, "select count(*)::int from workers where seen_at > now() - interval '1 minute'")
}

// RepinReady answers the ready tasks that hold another digest of a tool than the one an admin has pinned, locked. A first
// pin holds nothing back, and so releases nothing.
func (t *Tx) RepinReady(ctx context.Context, tool, digest string) ([]Task, error) {
	t.released = true
	return many[Task](ctx, t, taskSelect+" and t.tool = $2 and t.tool_digest <> $3 and t.state in ('ready', 'queued') order by t.id for update of t", t.tenant(), tool, digest)
}
