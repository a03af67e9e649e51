package store

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

// What waits to the end may still find that somebody was faster: nothing of the transaction stays then (decisions 0077, 0085).
func TestWhatGoesOutLastIsKnownBeforeTheCommit(t *testing.T) { // R7.4
	s, owner := opened(t)
	tenant := seedTenant(t, owner)
	for _, entries := range [][]audit.Entry{nil, {{Action: "late", ObjectType: "test", ObjectID: "x"}}} {
		err := s.Write(t.Context(), tenancy.Scope{Tenant: tenant, Actor: "test"}, func(_ context.Context, tx *Tx) ([]audit.Entry, error) {
			var b pgx.Batch
			b.Queue("update agents set name = 'changed' where tenant_id = $1", tx.tenant())
			b.Queue("update agents set name = 'changed' where tenant_id = $1 and name = 'other'", tx.tenant()).Exec(exactly(1))
			tx.wait(&b)
			return entries, nil
		})
		require.ErrorIs(t, err, errStale)
	}
	var name string
	require.NoError(t, owner.QueryRow(t.Context(), "select name from agents where tenant_id = $1::text::uuid", string(tenant)).Scan(&name))
	require.Equal(t, "a", name)
}
