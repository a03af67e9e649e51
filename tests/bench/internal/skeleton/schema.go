// Package skeleton is this very design with nothing but its speed: a task table in PostgreSQL, streams in Redis,
// many rows a statement, group commit that never lingers, publishing right after the commit with a sweeper behind.
// No authentication, tenancy locks, validation, planning, claims, leases, judge's rules or hash chain. It is the
// ceiling that the system is held against, and is written for nothing else.
package skeleton

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

// Prepare makes the tables anew.
func Prepare(ctx context.Context, db *pgxpool.Pool) error {
	_, err := db.Exec(ctx, schema)
	return err
}

// ID is a UUID's bytes.
type ID = [16]byte

// row is a task. left is how many steps follow it.
type row struct {
	Tenant, ID, Plan ID
	Left             int16
	Version          int64
	Arguments        []byte
}

// A decision is no work for a worker: it goes to the judge at once. It is the last but one step of a chain.
func (r row) decision() bool { return r.Left == 1 }

// insert makes tasks: one statement, one flush.
func insert(ctx context.Context, db *pgxpool.Pool, rows []row) error {
	tenants, ids, plans, lefts, arguments := make([]ID, len(rows)), make([]ID, len(rows)), make([]ID, len(rows)), make([]int16, len(rows)), make([][]byte, len(rows))
	for i, r := range rows {
		tenants[i], ids[i], plans[i], lefts[i], arguments[i] = r.Tenant, r.ID, r.Plan, r.Left, r.Arguments
	}
	_, err := db.Exec(ctx, `insert into tasks (tenant, id, plan, left_over, arguments)
		select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::bytea[])`, tenants, ids, plans, lefts, arguments)
	return err
}

// outcome is one decided task and the id that its next step would get.
type outcome struct {
	Tenant, ID, Next ID
	Version          int64
}

// finish commits outcomes, each with its audit row and its plan's next step: version check, audit and outbox in one
// statement. It answers the next steps, to be published. An outcome that came twice changes nothing.
func finish(ctx context.Context, db *pgxpool.Pool, all []outcome) ([]row, error) {
	tenants, ids, nexts, versions := make([]ID, len(all)), make([]ID, len(all)), make([]ID, len(all)), make([]int64, len(all))
	for i, o := range all {
		tenants[i], ids[i], nexts[i], versions[i] = o.Tenant, o.ID, o.Next, o.Version
	}
	rows, err := db.Query(ctx, `
		with decided as (select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) as d (tenant, id, next, version)),
		done as (
			update tasks t set state = 2, version = t.version + 1 from decided d
			where t.tenant = d.tenant and t.id = d.id and t.version = d.version and t.state = 1
			returning t.tenant, t.id, t.plan, t.left_over, t.arguments, d.next),
		audited as (insert into audit (tenant, task, what) select tenant, id, 'task.succeeded' from done)
		insert into tasks (tenant, id, plan, left_over, arguments)
		select tenant, next, plan, left_over - 1, arguments from done where left_over > 0
		returning tenant, id, plan, left_over, version, arguments`, tenants, ids, nexts, versions)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[row])
}

// overdue answers tasks that were published long ago and have no outcome, and touches them.
func overdue(ctx context.Context, db *pgxpool.Pool) ([]row, error) {
	rows, err := db.Query(ctx, `
		with late as (select tenant, id from tasks where state = 1 and published_at < now() - interval '20 s' order by published_at limit 512 for update skip locked)
		update tasks t set published_at = now() from late where t.tenant = late.tenant and t.id = late.id
		returning t.tenant, t.id, t.plan, t.left_over, t.version, t.arguments`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[row])
}
