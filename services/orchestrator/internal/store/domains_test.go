package store

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// Decision 0089: the columns of the path's tables refuse what they refused, as checks of the table and as domains, on the
// way there and back.
func TestColumnsRefuseWhatTheyMayNotHold(t *testing.T) { // R7.4, R9.4
	conn, steps := stepwise(t)
	_, err := steps.UpTo(t.Context(), 12)
	require.NoError(t, err)
	seedTenant(t, conn)
	for _, planted := range []string{
		`insert into campaigns (tenant_id, id, agent_id, name, goal, playbook, parameters, state, plan_version) select tenant_id, gen_random_uuid(), id, 'c', 'g', 'p', '{}', 'running', 1 from agents`,
		`insert into plans (tenant_id, campaign_id, version, cause, persona_version, nodes, added, removed, created_by) select tenant_id, id, 1, 'c', 1, '[]', '{}', '{}', 'test' from campaigns`,
		`insert into tasks (tenant_id, id, campaign_id, agent_id, plan_version, persona_version, node, kind, mode, tool, state, max_attempts, timeout_ms)
			select tenant_id, gen_random_uuid(), id, agent_id, 1, 1, 'n', 'read', 'run', 't', 'succeeded', 3, 1000 from campaigns`,
		`insert into results (tenant_id, id, task_id, epoch, attempt, body) select tenant_id, gen_random_uuid(), id, 1, 1, '' from tasks`,
		`insert into decisions (tenant_id, id, task_id, result_id, verdict, decider, decided_by, body) select tenant_id, gen_random_uuid(), task_id, id, 'approved', 'judge', 'j', '' from results`,
	} {
		_, err := conn.Exec(t.Context(), planted)
		require.NoError(t, err)
	}
	refused := []string{
		"tasks set kind = 'other'", "tasks set mode = 'other'", "tasks set state = 'other'", "tasks set max_attempts = 0", "tasks set max_attempts = 21",
		"tasks set timeout_ms = 0", "tasks set timeout_ms = 600001", "tasks set delay_ms = -1", "tasks set kind = 'effect'", "tasks set mode = 'propose'",
		"tasks set state = 'running'", "tasks set state = 'ready'", "tasks set lease_until = now()",
		"campaigns set state = 'other'", "campaigns set name = ''", "campaigns set name = repeat('x', 121)", "campaigns set goal = ''", "campaigns set goal = repeat('x', 2001)",
		"campaigns set plan_version = -1", "campaigns set plan_version = 0", "campaigns set budget_micros = -1", "campaigns set spent_micros = -1",
		"decisions set verdict = 'other'", "decisions set decider = 'other'",
	}
	holds := func(version string) {
		for _, change := range refused {
			_, err := conn.Exec(t.Context(), "update "+change)
			var pg *pgconn.PgError
			require.ErrorAs(t, err, &pg, "%s: %s", version, change)
			require.Equal(t, "23514", pg.Code, "%s: %s: %s", version, change, pg.Message)
		}
		for _, change := range []string{"tasks set kind = 'effect', mode = 'propose'", "tasks set kind = 'read', mode = 'run'", "campaigns set name = '" + strings.Repeat("x", 120) + "'"} {
			_, err := conn.Exec(t.Context(), "update "+change)
			require.NoError(t, err, "%s: %s", version, change)
		}
	}
	holds("checks")
	_, err = steps.UpTo(t.Context(), 13)
	require.NoError(t, err)
	holds("domains")
	_, err = steps.DownTo(t.Context(), 12)
	require.NoError(t, err)
	holds("checks again")
}
