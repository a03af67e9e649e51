package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

// One transaction extends several tenants' chains, those too that have none yet; each entry lands in its own.
func TestChainsAreExtendedTogether(t *testing.T) { // R7.4, R9.4
	s, owner := opened(t)
	tenants := threeTenants(t, owner)
	scopes := make([]tenancy.Scope, len(tenants))
	for i, id := range tenants {
		scopes[i] = tenancy.Scope{Tenant: id, Actor: "test"}
	}
	entry := func(id tenancy.ID, n int) audit.Entry {
		return audit.Entry{Action: "thing.done", ObjectType: "thing", ObjectID: fmt.Sprintf("%s-%d", id, n)}
	}
	// The middle one has a chain already; the last has nothing to add the second time.
	require.NoError(t, s.Write(t.Context(), scopes[1], func(context.Context, *Tx) ([]audit.Entry, error) {
		return []audit.Entry{entry(tenants[1], 0)}, nil
	}))
	for round := range 2 {
		require.NoError(t, s.WriteEach(t.Context(), scopes, func(_ context.Context, tx *Tx, i int) ([]audit.Entry, error) {
			if round == 1 && i == 2 {
				return nil, nil
			}
			return []audit.Entry{entry(tx.Scope().Tenant, round*2+1), entry(tx.Scope().Tenant, round*2+2)}, nil
		}))
	}
	for i, want := range []int{4, 5, 2} {
		rows, err := owner.Query(t.Context(), "select seq, object_id, prev_hash, hash from audit_entries where tenant_id = $1::text::uuid order by seq", string(tenants[i]))
		require.NoError(t, err)
		type row struct {
			Seq            int64
			Object         string
			PrevHash, Hash []byte
		}
		chain, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
		require.NoError(t, err)
		require.Len(t, chain, want)
		before := audit.Genesis
		for n, r := range chain {
			require.Equal(t, int64(n+1), r.Seq)
			require.Equal(t, before, r.PrevHash)
			require.Contains(t, r.Object, string(tenants[i]))
			before = r.Hash
		}
		err = s.Read(t.Context(), scopes[i], func(ctx context.Context, tx *Tx) error {
			seq, hash, err := tx.AuditHead(ctx)
			require.Equal(t, int64(want), seq)
			require.Equal(t, before, hash)
			return err
		})
		require.NoError(t, err)
	}
}

// A tenant's head is locked by all that leaves an entry. A batch over many tenants took it in its turn and kept it
// through the others' turns: whoever wrote for the tenant meanwhile waited for all of them.
func TestABatchHoldsUpNoTenantForAnother(t *testing.T) { // R7.4
	s, owner := opened(t)
	tenants := threeTenants(t, owner)
	first, last := tenancy.Scope{Tenant: tenants[0], Actor: "test"}, tenancy.Scope{Tenant: tenants[2], Actor: "test"}
	leave := func(context.Context, *Tx) ([]audit.Entry, error) {
		return []audit.Entry{{Action: "thing.done", ObjectType: "thing", ObjectID: "x"}}, nil
	}
	require.NoError(t, s.Write(t.Context(), first, leave))
	err := s.WriteEach(t.Context(), []tenancy.Scope{first, last}, func(ctx context.Context, tx *Tx, i int) ([]audit.Entry, error) {
		if i == 1 {
			within, cancel := context.WithTimeout(ctx, 2*time.Second)
			defer cancel()
			require.NoError(t, s.Write(within, first, leave), "the first tenant is not held up by the last one's turn")
		}
		return leave(ctx, tx)
	})
	require.NoError(t, err)
}

// threeTenants are in the order in which they have their turns.
func threeTenants(t *testing.T, owner *pgx.Conn) []tenancy.ID {
	t.Helper()
	ids := make([]tenancy.ID, 3)
	for i := range ids {
		ids[i] = tenancy.ID(uuid.Must(uuid.NewV7()).String())
		_, err := owner.Exec(t.Context(), "insert into tenants (tenant_id, slug, name) values ($1::text::uuid, $2, 'T')", string(ids[i]), fmt.Sprintf("t%d", i))
		require.NoError(t, err)
	}
	return ids
}
