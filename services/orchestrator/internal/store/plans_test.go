package store

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

// What a batch reads must not grow with what its tenant has. It did: a cast of a column could fail and so tell of a row,
// and row-level security keeps what tells out of an index (decision 0072). And by a list of keys Postgres reads all that
// the tenant has while it takes that for less than a list is long: until it looks at a table that fills (decision 0091).
func TestABatchReadsItsOwnRows(t *testing.T) { // R7.4, R9.4
	for name, c := range map[string]struct{ known, history, running, batch int }{
		"of a table that Postgres knows":             {known: 3000, batch: 10},
		"of a table that was small at its last look": {known: 20, history: 280, batch: 1},
		"many of a table that was hardly there":      {known: 5, history: 295, batch: 5},
		// A look between two loads finds the index of what runs empty, and takes it for that ever after (decision 0094).
		"beside tasks that run, where none did at the last look": {known: 3000, running: 400, batch: 10},
	} {
		t.Run(name, func(t *testing.T) {
			s, owner := opened(t)
			tenant, campaign, other := seedTenant(t, owner), uuid.NewString(), uuid.NewString()
			seedCampaigns(t, owner, tenant, campaign, other)
			seedTasks(t, owner, other, c.known, c.batch)
			_, err := owner.Exec(t.Context(), "update campaigns set state = 'completed'")
			require.NoError(t, err)
			_, err = owner.Exec(t.Context(), "vacuum (analyze) tasks, campaigns") //nolint:misspell // SQL
			require.NoError(t, err)
			_, err = owner.Exec(t.Context(), "update campaigns set state = 'running'")
			require.NoError(t, err)
			seedTasks(t, owner, other, c.history, c.batch)
			_, err = owner.Exec(t.Context(), `update tasks set state = 'running', epoch = 1, worker_id = 'other', lease_until = now() + interval '1 minute'
				where id in (select id from tasks limit $1)`, c.running)
			require.NoError(t, err)
			for range c.running / 10 {
				seedCampaigns(t, owner, tenant, uuid.NewString())
			}
			ids := seedTasks(t, owner, campaign, c.batch, c.batch)
			blocked := seedTasks(t, owner, other, c.batch, c.batch)
			_, err = owner.Exec(t.Context(), "update tasks set state = 'blocked', epoch = 0, worker_id = null, lease_until = null where id::text = any($1)", blocked)
			require.NoError(t, err)
			for statement, rows := range readsOf(t, s, tenant, ids, blocked, c.batch) {
				t.Logf("%s read %d rows of %d", statement, rows, c.known+c.history)
				require.LessOrEqual(t, rows, int64(8*c.batch), "%s read far more than its %d tasks", statement, c.batch)
			}
		})
	}
}

func seedCampaigns(t *testing.T, owner *pgx.Conn, tenant tenancy.ID, ids ...string) {
	t.Helper()
	_, err := owner.Exec(t.Context(), `insert into campaigns (tenant_id, id, agent_id, name, goal, playbook, parameters) select tenant_id, c::uuid, id, 'c', 'g', 'p', '{}' from agents, unnest($1::text[]) c`, ids)
	require.NoError(t, err)
	for _, statement := range []string{
		`insert into plans (tenant_id, campaign_id, version, cause, persona_version, nodes, added, removed, created_by) select tenant_id, id, 1, 'c', 1, '[]', '{}', '{}', 'test' from campaigns where plan_version = 0`,
		"update campaigns set state = 'running', plan_version = 1",
	} {
		_, err := owner.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	_, err = owner.Exec(t.Context(), "insert into policies (tenant_id, version, body, created_by) values ($1::text::uuid, 1, '{}', 'test') on conflict do nothing", string(tenant))
	require.NoError(t, err)
}

// seedTasks adds n queued tasks to a campaign and answers some of its.
func seedTasks(t *testing.T, owner *pgx.Conn, campaign string, n, some int) []string {
	t.Helper()
	_, err := owner.Exec(t.Context(), `insert into tasks (tenant_id, id, campaign_id, agent_id, plan_version, persona_version, node, kind, mode, tool, spec_digest, state, max_attempts, timeout_ms)
		select c.tenant_id, gen_random_uuid(), c.id, c.agent_id, 1, 1, gen_random_uuid()::text, 'read', 'run', 't', 'd', 'queued', 3, 1000 from campaigns c, generate_series(1, $2) i where c.id = $1`, campaign, n)
	require.NoError(t, err)
	rows, err := owner.Query(t.Context(), "select id::text from tasks where campaign_id = $1 and state = 'queued' limit $2", campaign, some)
	require.NoError(t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Len(t, ids, some)
	return ids
}

// readsOf takes tasks from queued to succeeded, and blocked ones to ready, and answers how many rows of tasks and campaigns each statement looked at.
func readsOf(t *testing.T, s *Store, tenant tenancy.ID, ids, blocked []string, batch int) map[string]int64 {
	t.Helper()
	reads := map[string]int64{}
	var last int64
	err := s.Write(t.Context(), tenancy.Scope{Tenant: tenant, Actor: "test"}, func(ctx context.Context, tx *Tx) ([]audit.Entry, error) {
		look := func(statement string) {
			now, err := scalar[int64](ctx, tx, "select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::bigint from pg_stat_xact_user_tables where relname in ('tasks', 'campaigns')")
			require.NoError(t, err)
			if statement != "" {
				reads[statement] = now - last
			}
			last = now
		}
		look("")
		asked := make([]Asked, batch)
		for i, id := range ids {
			asked[i] = Asked{ID: id, SpecDigest: "d"}
		}
		var claimed []Claimed
		var b pgx.Batch
		tx.queueClaim(&b, asked, "worker", time.Minute, &claimed)
		require.NoError(t, tx.ask(ctx, &b))
		require.Len(t, claimed, batch)
		look("claim")
		leases, err := tx.LeasesExtend(ctx, ids, slices.Repeat([]int64{1}, batch), time.Minute)
		require.NoError(t, err)
		require.Len(t, leases, batch)
		look("extend")
		taken, err := tx.ResultsTake(ctx, ids)
		require.NoError(t, err)
		require.Len(t, taken.Tasks, batch)
		require.Len(t, taken.Campaigns, 1)
		look("take")
		var kept Kept
		for _, k := range taken.Tasks {
			r := ResultRow{ID: uuid.NewString(), TaskID: k.ID, Epoch: k.Epoch, Attempt: k.Attempt, Body: []byte{1}}
			kept.Results, kept.Tasks = append(kept.Results, r), append(kept.Tasks, Moved{ID: k.ID, Epoch: k.Epoch, State: "succeeded", StateVersion: k.StateVersion + 2})
			kept.Verdicts = append(kept.Verdicts, Decision{ID: uuid.NewString(), TaskID: k.ID, ResultID: r.ID, Verdict: "approved", Decider: "judge", Body: []byte{1}})
		}
		left, err := tx.ResultsKeep(ctx, kept, []string{taken.Campaigns[0].ID})
		require.NoError(t, err)
		require.Equal(t, Left{Idle: []Idle{{taken.Campaigns[0].ID, map[string]int32{"succeeded": int32(batch)}}}}, left)
		look("keep")
		_, _, err = tx.Freed(ctx, []string{taken.Campaigns[0].ID})
		require.NoError(t, err)
		look("free")
		_, _, err = tx.Bindings(ctx, ids, nil, NoLook)
		require.NoError(t, err)
		look("bind")
		bound := make([]Bound, batch)
		for i, id := range blocked {
			bound[i] = Bound{ID: id, StateVersion: 1, NotBefore: time.Now(), TaskSpec: TaskSpec{Mode: "run", Arguments: []byte{1}, SpecDigest: "d"}}
		}
		tx.TasksReady(bound)
		look("ready")
		return nil, nil
	})
	require.NoError(t, err)
	return reads
}

func opened(t *testing.T) (*Store, *pgx.Conn) {
	t.Helper()
	owner := partstest.Database(t)
	require.NoError(t, Migrate(t.Context(), owner, Roles{AppPassword: "for-tests-on-loopback", SystemPassword: "for-tests-on-loopback"}))
	as := func(role string) string {
		at, err := url.Parse(owner)
		require.NoError(t, err)
		at.User = url.UserPassword(role, "for-tests-on-loopback")
		return at.String()
	}
	s, err := Open(t.Context(), Options{AppURL: as("chimera_app"), SystemURL: as("chimera_system"), MaxConns: 2})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return s, conn
}

func seedTenant(t *testing.T, owner *pgx.Conn) tenancy.ID {
	t.Helper()
	tenant := uuid.NewString()
	_, err := owner.Exec(t.Context(), "insert into tenants (tenant_id, slug, name) values ($1::text::uuid, 'acme', 'Acme')", tenant)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), "insert into agents (tenant_id, id, name, persona_version) values ($1::text::uuid, gen_random_uuid(), 'a', 1)", tenant)
	require.NoError(t, err)
	return tenancy.ID(tenant)
}
