package world

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/tests/internal/referee"
)

func (w *World) execute(t testing.TB, address, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(t.Context(), statement)
	require.NoError(t, err)
}

func passwordOf(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	password, _ := u.User.Password()
	return password
}

// Querier is a pool or a transaction of the superuser.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Rows reads a query's rows into structs by position.
func Rows[T any](t testing.TB, q Querier, sql string, args ...any) []T {
	t.Helper()
	rows, err := q.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	require.NoError(t, err)
	return out
}

// Column reads one column.
func Column[T any](t testing.TB, q Querier, sql string, args ...any) []T {
	t.Helper()
	rows, err := q.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[T])
	require.NoError(t, err)
	return out
}

// Book reads all that the tables and the platforms know about campaigns, past row-level security.
func (w *World) Book(t testing.TB, runs ...*Run) referee.Book {
	return w.BookIn(t, w.Database, runs...)
}

// BookIn is Book within a transaction, such as one that has planted a fault and will be rolled back.
func (w *World) BookIn(t testing.TB, q Querier, runs ...*Run) referee.Book {
	t.Helper()
	var ids, handles []string
	for _, r := range runs {
		ids = append(ids, r.ID)
		for _, a := range r.Accounts {
			handles = append(handles, a.Handle)
		}
	}
	b := bookOf(t, q, ids)
	b.Creations = w.Sandbox.Creations(t, handles...)
	return b
}

// bookOf is all but the platforms' side.
func bookOf(t testing.TB, q Querier, ids []string) (b referee.Book) {
	t.Helper()
	b.Effects = Rows[referee.Effect](t, q, `select e.id::text, e.task_id::text, a.handle, a.platform, e.platform_key, e.state, e.payload_sha256, e.edited
		from effects e join accounts a on a.tenant_id = e.tenant_id and a.id = e.account_id where e.campaign_id = any($1::uuid[]) order by e.id`, ids)
	b.Posts = Rows[referee.Post](t, q, `select effect_id::text, text from posts where campaign_id = any($1::uuid[]) order by id`, ids)
	b.Tasks = Rows[referee.Task](t, q, `select t.id::text, t.node, t.state, t.mode, coalesce((select max(n) from
		(select count(*) n from results r where r.tenant_id = t.tenant_id and r.task_id = t.id group by r.epoch) per_epoch), 0)::int
		from tasks t where t.campaign_id = any($1::uuid[]) order by t.id`, ids)
	b.Approvals = Rows[referee.Approval](t, q, `select task_id::text, payload_sha256, decided_by from reviews
		where campaign_id = any($1::uuid[]) and state = 'approved' order by id`, ids)
	b.Nodes = Column[string](t, q, `select distinct n.node ->> 'key' from campaigns c join plans p on p.tenant_id = c.tenant_id and p.campaign_id = c.id and p.version = c.plan_version
		cross join jsonb_array_elements(p.nodes) as n(node) where c.id = any($1::uuid[])`, ids)
	return b
}

// Planted makes a fault as superuser, lets check look at the world with it, and takes it back.
func (w *World) Planted(t testing.TB, statement string, args []any, check func(q Querier)) {
	t.Helper()
	tx, err := w.Database.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	// Foreign keys and triggers are what makes such faults hard; they are not what is tested here.
	_, err = tx.Exec(t.Context(), "set local session_replication_role = replica")
	require.NoError(t, err)
	done, err := tx.Exec(t.Context(), statement, args...)
	require.NoError(t, err)
	require.NotZero(t, done.RowsAffected(), "the planted fault changed nothing")
	check(tx)
}
