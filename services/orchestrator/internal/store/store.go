// Package store is the only importer of pgx. It owns the schema, the one transaction helper that sets the
// tenant, and the queries; rows become Go structs here and go no further as rows. Every query names
// tenant_id, and row-level security is the second lock (R9.4).
package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

// Store holds three pools with two powerless roles: writers and readers see one tenant at a time, system finds
// work across tenants through a few readable columns.
type Store struct {
	app *pgxpool.Pool
	// read is apart, so that a backlog being worked off never keeps a person's page waiting for a connection.
	read   *pgxpool.Pool
	system *pgxpool.Pool
}

// Options size the pools. Few writers: on a small machine more only contend.
type Options struct {
	AppURL    string
	SystemURL string
	// MaxConns bounds the writers' connections, ReadConns the readers'; 0 is as many as writers.
	MaxConns  int32
	ReadConns int32
}

// Open connects and refuses to serve when a role could bypass row-level security or a table lacks it.
func Open(ctx context.Context, o Options) (*Store, error) {
	app, err := pool(ctx, o.AppURL, o.MaxConns, func(cfg *pgxpool.Config) { maps.Copy(cfg.ConnConfig.RuntimeParams, byKeyOnly) })
	if err != nil {
		return nil, fmt.Errorf("open app pool: %w", err)
	}
	read, err := pool(ctx, o.AppURL, cmp.Or(o.ReadConns, o.MaxConns), func(*pgxpool.Config) {})
	if err != nil {
		app.Close()
		return nil, fmt.Errorf("open read pool: %w", err)
	}
	system, err := pool(ctx, o.SystemURL, 4, func(cfg *pgxpool.Config) { cfg.PrepareConn = replan })
	if err != nil {
		app.Close()
		read.Close()
		return nil, fmt.Errorf("open system pool: %w", err)
	}
	s := &Store{app: app, read: read, system: system}
	if err := s.checkLocks(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// How statements are planned. What goes by keys has one plan for all values, because planning a small statement anew costs
// more than running it. Lists have optional filters: which index serves depends on the values.
const (
	byKey    = "force_generic_plan"
	byFilter = "auto"
)

// byKeyOnly is for writers. They go by keys and through indexes, one row after the other; whatever else Postgres thinks of
// comes from not knowing how many rows there are (decision 0091).
var byKeyOnly = map[string]string{"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "enable_bitmapscan": "off"}

func pool(ctx context.Context, url string, maxConns int32, own func(*pgxpool.Config)) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("parse database url: %w", err)
	}
	cfg.MaxConns = maxConns
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.RuntimeParams["application_name"] = "chimera-orchestrator"
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "15000"
	cfg.ConnConfig.RuntimeParams["statement_timeout"] = "15000"
	cfg.ConnConfig.RuntimeParams["lock_timeout"] = "5000"
	// Our statements take milliseconds; compiling one takes seconds.
	cfg.ConnConfig.RuntimeParams["jit"] = "off"
	cfg.ConnConfig.RuntimeParams["plan_cache_mode"] = byKey
	own(cfg)
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		registerTypes(c.TypeMap())
		return nil
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// Close ends both pools.
func (s *Store) Close() {
	s.app.Close()
	s.read.Close()
	s.system.Close()
}

// Ping tells whether Postgres answers and is writable.
func (s *Store) Ping(ctx context.Context) error {
	var readOnly string
	if err := s.app.QueryRow(ctx, "show transaction_read_only").Scan(&readOnly); err != nil {
		return translate(err)
	}
	if readOnly == "on" {
		return errReadOnly
	}
	return nil
}

// Tx is one transaction of one tenant. All queries hang on it, so none can run without a tenant.
type Tx struct {
	scope    tenancy.Scope
	pipeline *pipeline
	// readied, freed and released are what this transaction did to the tenant's queue.
	readied, freed, released bool
	// sent are the tasks that were written as queued.
	sent []ReadyTask
}

// Sent answers the tasks that this transaction has written as queued, without a look of TakeReady.
func (t *Tx) Sent() []ReadyTask { return t.sent }

// Woke tells whether this transaction made tasks ready, and whether it may have made room in the tenant's window.
func (t *Tx) Woke() (readied, freed bool) { return t.readied, t.freed }

// Released tells whether this transaction lifted what held back tasks that were ready already.
func (t *Tx) Released() bool { return t.released }

// Scope is whose transaction this is.
func (t *Tx) Scope() tenancy.Scope { return t.scope }

// Now is the database's clock at the transaction's start: only it decides leases, windows and expiry.
func (t *Tx) Now() time.Time { return t.pipeline.clock(t.tenant()) }

func (t *Tx) tenant() string { return string(t.scope.Tenant) }

// Read runs fn in a read-only transaction of the scope's tenant.
func (s *Store) Read(ctx context.Context, scope tenancy.Scope, fn func(ctx context.Context, tx *Tx) error) error {
	return s.run(ctx, s.read, "begin read only", byFilter, []tenancy.Scope{scope}, reading(fn))
}

// ReadByKey is Read for queries that go by keys, whatever the values: they are planned once and not for each call.
func (s *Store) ReadByKey(ctx context.Context, scope tenancy.Scope, fn func(ctx context.Context, tx *Tx) error) error {
	return s.run(ctx, s.read, "begin read only", byKey, []tenancy.Scope{scope}, reading(fn))
}

func reading(fn func(context.Context, *Tx) error) func(context.Context, *Tx, int) ([]audit.Entry, error) {
	return func(ctx context.Context, tx *Tx, _ int) ([]audit.Entry, error) { return nil, fn(ctx, tx) }
}

// Write runs fn in a transaction that commits together with the audit entries fn returns: a write without an
// entry needs an explicit nil. Only package commit may call it (a test holds that).
func (s *Store) Write(ctx context.Context, scope tenancy.Scope, fn func(ctx context.Context, tx *Tx) ([]audit.Entry, error)) error {
	return s.WriteEach(ctx, []tenancy.Scope{scope}, func(ctx context.Context, tx *Tx, _ int) ([]audit.Entry, error) { return fn(ctx, tx) })
}

// WriteEach is Write for several tenants in one transaction, and so with one flush: fn runs once for each scope, in
// the order of their tenants, and sees that tenant alone (decision 0050). No two scopes may be of one tenant. It is
// all or nothing: after an error, do them one by one.
func (s *Store) WriteEach(ctx context.Context, scopes []tenancy.Scope, fn func(ctx context.Context, tx *Tx, i int) ([]audit.Entry, error)) error {
	return s.run(ctx, s.app, "begin", byKey, scopes, fn)
}

// run begins once, gives each scope its turn in the order of their tenants, extends the tenants' audit chains, and commits
// once. What needs no answer of its own travels with the next question: the beginning with the first, the audit entries
// with the commit (decisions 0074, 0080). A round trip costs as much as a small statement.
//
// The chains come last, all together: a head that is locked holds up all else that its tenant does, and what another
// tenant's turn takes is no reason to wait (decision 0078).
func (s *Store) run(ctx context.Context, pool *pgxpool.Pool, begin, planning string, scopes []tenancy.Scope, fn func(ctx context.Context, tx *Tx, i int) ([]audit.Entry, error)) error {
	order, err := inTurn(scopes)
	if err != nil {
		return err
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return translate(err)
	}
	// A connection that is still in a transaction is closed here, and so rolled back.
	defer conn.Release()
	p := &pipeline{conn: conn.Conn(), ctx: ctx, begin: begin, forget: plansDue(conn.Conn())}
	// The first statement for every tenant, and the only way to its rows.
	p.enter = func(tenant string) {
		p.waiting.Queue("select now() from set_config('app.tenant', $1, true) as tenant, set_config('plan_cache_mode', $2, true) as planning", tenant, planning).QueryRow(func(row pgx.Row) error { return row.Scan(&p.now) })
	}
	defer p.close()
	var chains []chain
	for _, i := range order {
		tx := &Tx{scope: scopes[i], pipeline: p}
		entries, err := fn(ctx, tx, i)
		if err != nil {
			return p.rollback(ctx, err)
		}
		if len(entries) > 0 {
			chains = append(chains, chain{tx: tx, entries: entries})
		}
	}
	if err = p.extend(ctx, chains); err == nil {
		err = p.commit(ctx)
	}
	if err != nil {
		return p.rollback(ctx, err)
	}
	return nil
}

// inTurn orders scopes by tenant, as everywhere: two transactions over the same tenants cannot wait for each other.
func inTurn(scopes []tenancy.Scope) ([]int, error) {
	order := make([]int, len(scopes))
	for i := range scopes {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scopes[a].Tenant, scopes[b].Tenant) })
	for n, i := range order {
		if scopes[i].Tenant == "" || (n > 0 && scopes[order[n-1]].Tenant == scopes[i].Tenant) {
			return nil, errNoTenant
		}
	}
	return order, nil
}

// wait lets a batch go out with what comes next: for what has no answer but that it failed, which then fails the
// transaction. It is answered for before the commit.
func (t *Tx) wait(b *pgx.Batch) { t.pipeline.queue(t.tenant(), b) }

// last lets a batch go out with the commit itself, and be answered with it: for what nothing in the transaction depends on,
// and whose answer may get lost like the caller's call.
func (t *Tx) last(b *pgx.Batch) {
	t.pipeline.last = append(t.pipeline.last, turn{t.tenant(), b})
}

// ask sends a batch and waits for its answers; whatever waits goes before it, in the same round trip.
func (t *Tx) ask(ctx context.Context, b *pgx.Batch) error {
	return translate(t.pipeline.ask(ctx, t.tenant(), b))
}

func (t *Tx) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	var b pgx.Batch
	var changed int64
	b.Queue(sql, args...).Exec(func(done pgconn.CommandTag) error {
		changed = done.RowsAffected()
		return nil
	})
	err := t.ask(ctx, &b)
	return changed, err
}

// must1 is for updates that name the version they read: no row means someone else was faster.
func (t *Tx) must1(ctx context.Context, sql string, args ...any) error {
	n, err := t.exec(ctx, sql, args...)
	if err == nil && n == 0 {
		return errStale
	}
	return err
}

func one[T any](ctx context.Context, t *Tx, sql string, args ...any) (T, error) {
	return only(many[T](ctx, t, sql, args...))
}

func many[T any](ctx context.Context, t *Tx, sql string, args ...any) (rows []T, err error) {
	var b pgx.Batch
	b.Queue(sql, args...).Query(collect(&rows))
	err = t.ask(ctx, &b)
	return rows, err
}

func scalar[T any](ctx context.Context, t *Tx, sql string, args ...any) (T, error) {
	return only(column[T](ctx, t, sql, args...))
}

func column[T any](ctx context.Context, t *Tx, sql string, args ...any) (values []T, err error) {
	var b pgx.Batch
	b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		values, err = pgx.CollectRows(rows, pgx.RowTo[T])
		return err
	})
	err = t.ask(ctx, &b)
	return values, err
}

// only is the one row that must be there.
func only[T any](rows []T, err error) (T, error) {
	if err == nil && len(rows) > 1 {
		err = pgx.ErrTooManyRows
	}
	return first(rows, err)
}
