package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

func TestPlansAreMadeAnewByUseAndByTime(t *testing.T) { // R12.2
	at := time.Now()
	age, due := planAge{}.used(at)
	require.False(t, due, "a new connection has nothing to forget")
	var anew []int
	for n := 2; n <= 1000; n++ {
		if age, due = age.used(at); due {
			anew = append(anew, n)
		}
	}
	require.Equal(t, []int{8, 16, 32, 64, 128, 256, 512}, anew)
	age, due = age.used(at.Add(plansLive))
	require.True(t, due, "however little it did")
	_, due = age.used(at.Add(plansLive))
	require.False(t, due)
}

// Forgetting travels with a transaction's beginning, and nothing of the transaction is lost by it.
func TestPlansAreForgottenWithinTheFirstQuestion(t *testing.T) {
	s, owner := opened(t)
	scope := tenancy.Scope{Tenant: seedTenant(t, owner), Actor: "test"}
	for range 3 * firstPlans {
		require.NoError(t, s.Write(t.Context(), scope, func(ctx context.Context, tx *Tx) ([]audit.Entry, error) {
			_, err := tx.TasksGet(ctx, []string{uuid.NewString()})
			require.Greater(t, time.Minute, time.Since(tx.Now()))
			return nil, err
		}))
		for _, read := range []func(context.Context, tenancy.Scope, func(context.Context, *Tx) error) error{s.Read, s.ReadByKey, s.ReadSnapshot} {
			require.NoError(t, read(t.Context(), scope, func(ctx context.Context, tx *Tx) error {
				_, err := tx.TaskGet(ctx, uuid.NewString())
				require.ErrorIs(t, err, ErrMissing)
				return nil
			}))
		}
	}
}
