package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// quietEvery is how much later than it was so a stop may be recorded as quiet. The look itself goes to an index that is
// empty unless a switch was pressed just now.
const quietEvery = 200 * time.Millisecond

// Quieter records when stop switches have taken their full effect (decision 0067). It goes by Postgres alone: with Redis
// away a stop works, and so must its record.
type Quieter struct {
	Store  *store.Store
	Commit *commit.Committer
	Log    *slog.Logger
}

// Run looks until ctx ends.
func (q *Quieter) Run(ctx context.Context) error {
	told := false
	return every(ctx, quietEvery, func() {
		tenants, err := q.Store.TenantsEnding(ctx, tenantsPerRound)
		for _, tenant := range tenants {
			err = errors.Join(err, q.Commit.NoteQuiet(ctx, tenancy.Scope{Tenant: tenant, Actor: "system:stop"}))
		}
		if err != nil && ctx.Err() == nil && !told {
			q.Log.WarnContext(ctx, "whether stops are quiet cannot be told; the next look tries again", "error", err)
		}
		told = err != nil
	})
}
