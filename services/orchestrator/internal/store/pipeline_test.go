package store

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

// The tenant is chosen in the same round trip as the first question (decision 0080). When that fails, nothing of it runs,
// and nothing after it, whatever the caller makes of the error: the workers' table has no row-level security to fall
// back on.
func TestNothingRunsForATenantThatWasNotEntered(t *testing.T) { // R9.4
	s, owner := opened(t)
	good := seedTenant(t, owner)
	const nobody = tenancy.ID("no\x00body") // what Postgres refuses as text, and the last in order
	register := func(ctx context.Context, tx *Tx) error {
		_, err := tx.exec(ctx, "insert into workers (worker_id) values ('stray')")
		return err
	}
	for name, turn := range map[string]func(ctx context.Context, tx *Tx){
		"the question that carries it": func(ctx context.Context, tx *Tx) { require.Error(t, register(ctx, tx)) },
		"the questions after it": func(ctx context.Context, tx *Tx) {
			require.Error(t, register(ctx, tx))
			require.Error(t, register(ctx, tx))
		},
		"the time": func(ctx context.Context, tx *Tx) {
			tx.Now()
			require.Error(t, register(ctx, tx))
		},
		"what waits": func(_ context.Context, tx *Tx) {
			var b pgx.Batch
			b.Queue("insert into workers (worker_id) values ('stray')")
			tx.wait(&b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			swallowed := func(ctx context.Context, tx *Tx, _ int) ([]audit.Entry, error) {
				if tx.Scope().Tenant == good {
					_, err := tx.exec(ctx, "update agents set name = 'changed' where tenant_id = $1", tx.tenant())
					return nil, err
				}
				turn(ctx, tx)
				return nil, nil
			}
			require.Error(t, s.WriteEach(t.Context(), []tenancy.Scope{{Tenant: nobody, Actor: "test"}}, swallowed))
			require.Error(t, s.WriteEach(t.Context(), []tenancy.Scope{{Tenant: good, Actor: "test"}, {Tenant: nobody, Actor: "test"}}, swallowed))
			var strays, changed int
			require.NoError(t, owner.QueryRow(t.Context(), "select (select count(*) from workers), (select count(*) from agents where name = 'changed')").Scan(&strays, &changed))
			require.Zero(t, strays)
			require.Zero(t, changed)
		})
	}
}

// A connection that saw an error serves the next transaction, and a handle that outlives its own cannot speak on it.
func TestATransactionThatIsOverSendsNothing(t *testing.T) { // R9.4
	s, owner := opened(t)
	scope := tenancy.Scope{Tenant: seedTenant(t, owner), Actor: "test"}
	var kept *Tx
	err := s.Write(t.Context(), scope, func(ctx context.Context, tx *Tx) ([]audit.Entry, error) {
		kept = tx
		_, err := tx.exec(ctx, "insert into agents (tenant_id, id, name, persona_version) select $1, id, 'twin', 1 from agents where tenant_id = $1", tx.tenant())
		return nil, err
	})
	require.ErrorContains(t, err, "like it already")
	_, err = kept.exec(t.Context(), "insert into workers (worker_id) values ('late')")
	require.ErrorIs(t, err, errOver)
	require.False(t, kept.Now().IsZero(), "what was asked in time is still known")
	require.NoError(t, s.Write(t.Context(), scope, func(ctx context.Context, tx *Tx) ([]audit.Entry, error) {
		return nil, tx.must1(ctx, "update agents set name = 'next' where tenant_id = $1", tx.tenant())
	}))
	var late int
	require.NoError(t, owner.QueryRow(t.Context(), "select count(*) from workers").Scan(&late))
	require.Zero(t, late)
}

// What waited and failed is the transaction's end, even if the one whose question carried it takes it for its own error
// and goes on.
func TestWhatWaitedAndFailedIsNotSwallowed(t *testing.T) { // R7.4
	s, owner := opened(t)
	tenants := threeTenants(t, owner)
	err := s.WriteEach(t.Context(), []tenancy.Scope{{Tenant: tenants[0], Actor: "test"}, {Tenant: tenants[1], Actor: "test"}}, func(ctx context.Context, tx *Tx, i int) ([]audit.Entry, error) {
		if i == 0 {
			var b pgx.Batch
			b.Queue("update tenants set name = 'changed' where tenant_id = $1", tx.tenant())
			b.Queue("update tenants set name = 'changed' where tenant_id = $1 and name = 'other'", tx.tenant()).Exec(exactly(1))
			tx.wait(&b)
			return nil, nil
		}
		_, err := many[struct {
			Name string `db:"name"`
		}](ctx, tx, "select name from tenants where tenant_id = $1", tx.tenant())
		require.ErrorIs(t, err, errStale)
		return nil, nil
	})
	require.ErrorIs(t, err, errStale)
	rows, err := owner.Query(t.Context(), "select name from tenants")
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{"T", "T", "T"}, names)
}
