package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

// stepwise is an empty database that is migrated version by version, and its owner's connection.
func stepwise(t *testing.T) (*pgx.Conn, *goose.Provider) {
	t.Helper()
	owner := partstest.Database(t)
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for _, role := range []string{"chimera_app", "chimera_system"} {
		require.NoError(t, ensureRole(t.Context(), conn, role, "for-tests-on-loopback"))
	}
	db, err := sql.Open("pgx", owner)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	files, err := fs.Sub(migrations, "migrations")
	require.NoError(t, err)
	steps, err := goose.NewProvider(goose.DialectPostgres, db, files)
	require.NoError(t, err)
	return conn, steps
}

// The rows that said which task is of which plan version become an interval on the task, and back, without a loss
// (decision 0075).
func TestRowsOfPlanVersionsBecomeIntervals(t *testing.T) { // R7.1
	conn, steps := stepwise(t)
	_, err := steps.UpTo(t.Context(), 11)
	require.NoError(t, err)

	seedTenant(t, conn)
	for _, planted := range []string{
		`insert into campaigns (tenant_id, id, agent_id, name, goal, playbook, parameters, state, plan_version) select tenant_id, gen_random_uuid(), id, 'c', 'g', 'p', '{}', 'running', 3 from agents`,
		`insert into plans (tenant_id, campaign_id, version, cause, persona_version, nodes, added, removed, created_by) select tenant_id, id, v, 'c', 1, '[]', '{}', '{}', 'test' from campaigns, generate_series(1, 3) v`,
		// "always" is of all versions, "first" of the first, "second" of the second and third, a look-up of none.
		`insert into tasks (tenant_id, id, campaign_id, agent_id, plan_version, persona_version, node, kind, mode, tool, state, max_attempts, timeout_ms, resolves_effect)
			select tenant_id, gen_random_uuid(), id, agent_id, v, 1, n, 'read', 'run', 't', 'succeeded', 3, 1000, e from campaigns,
			(values (1, 'always', null::uuid), (1, 'first', null), (2, 'second', null), (1, 'lookup:1', gen_random_uuid())) as k(v, n, e)`,
		`insert into plan_nodes (tenant_id, campaign_id, version, node, task_id) select tenant_id, campaign_id, v, node, id from tasks, generate_series(1, 3) v
			where node = 'always' or (node = 'first' and v = 1) or (node = 'second' and v >= 2)`,
	} {
		_, err := conn.Exec(t.Context(), planted)
		require.NoError(t, err)
	}
	rows := func() string {
		var all string
		require.NoError(t, conn.QueryRow(t.Context(), "select string_agg(concat_ws(' ', campaign_id, version, node, task_id), ';' order by version, node) from plan_nodes").Scan(&all))
		return all
	}
	before := rows()
	_, err = steps.UpTo(t.Context(), 12)
	require.NoError(t, err)
	var intervals string
	require.NoError(t, conn.QueryRow(t.Context(), "select string_agg(concat(node, ' ', plan_version, '-', last_plan_version), ', ' order by node) from tasks").Scan(&intervals))
	require.Equal(t, "always 1-, first 1-1, lookup:1 1-0, second 2-", intervals)
	_, err = steps.DownTo(t.Context(), 11)
	require.NoError(t, err)
	require.Equal(t, before, rows())
	var counted int64
	require.NoError(t, conn.QueryRow(t.Context(), "select coalesce(sum(n), 0)::bigint from task_count_changes").Scan(&counted))
	require.Equal(t, int64(4), counted, "the tasks themselves did not change state")
}

// What a campaign's counts read must not grow with what its tenant has, even by a plan from when there was nothing: a
// page of campaigns and each end of a campaign ask for them.
func TestCountsReadTheirOwnCampaign(t *testing.T) { // R12.2, R12.5
	const history, own = 3000, 20
	s, owner := opened(t)
	tenant, campaign, other := seedTenant(t, owner), uuid.NewString(), uuid.NewString()
	_, err := owner.Exec(t.Context(), `insert into campaigns (tenant_id, id, agent_id, name, goal, playbook, parameters, state, plan_version) select tenant_id, c::uuid, id, 'c', 'g', 'p', '{}', 'running', 1 from agents, unnest($1::text[]) c`, []string{campaign, other})
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), `insert into plans (tenant_id, campaign_id, version, cause, persona_version, nodes, added, removed, created_by) select tenant_id, id, 1, 'c', 1, '[]', '{}', '{}', 'test' from campaigns`)
	require.NoError(t, err)
	ask := func(idle []string, progress map[string]int32) {
		err := s.Write(t.Context(), tenancy.Scope{Tenant: tenant, Actor: "test"}, func(ctx context.Context, tx *Tx) ([]audit.Entry, error) {
			read := func() int64 {
				n, err := scalar[int64](ctx, tx, `select (select coalesce(sum(seq_tup_read), 0) from pg_stat_xact_user_tables where relname = 'tasks')::bigint
					+ coalesce(pg_stat_get_xact_tuples_returned('tasks_campaign'::regclass), 0) + coalesce(pg_stat_get_xact_tuples_returned('tasks_pkey'::regclass), 0)`)
				require.NoError(t, err)
				return n
			}
			little := func(before int64) {
				n := read() - before
				t.Logf("read %d rows", n)
				require.LessOrEqual(t, n, int64(2*own), "counting %d tasks", own)
			}
			before := read()
			left, err := tx.CampaignsLeft(ctx, []string{campaign})
			require.NoError(t, err)
			little(before)
			var want Left
			for _, id := range idle {
				want.Idle = append(want.Idle, Idle{id, progress})
			}
			require.Equal(t, want, left)
			before = read()
			counts, err := tx.CampaignsProgress(ctx, []string{campaign})
			require.NoError(t, err)
			little(before)
			require.Equal(t, progress, counts[campaign])
			return nil, nil
		})
		require.NoError(t, err)
	}
	ask([]string{campaign}, nil)
	for id, states := range map[string]map[string]int{other: {"queued": history}, campaign: {"succeeded": own - 1, "queued": 1}} {
		for state, n := range states {
			_, err := owner.Exec(t.Context(), `insert into tasks (tenant_id, id, campaign_id, agent_id, plan_version, persona_version, node, kind, mode, tool, spec_digest, state, max_attempts, timeout_ms)
				select c.tenant_id, gen_random_uuid(), c.id, c.agent_id, 1, 1, $2 || i, 'read', 'run', 't', 'd', $2, 3, 1000 from campaigns c, generate_series(1, $3) i where c.id = $1`, id, state, n)
			require.NoError(t, err, fmt.Sprint(id, state))
		}
	}
	ask(nil, map[string]int32{"succeeded": own - 1, "queued": 1})
	_, err = owner.Exec(t.Context(), "update tasks set last_plan_version = 1 where state = 'queued'")
	require.NoError(t, err)
	ask([]string{campaign}, map[string]int32{"succeeded": own - 1})
}
