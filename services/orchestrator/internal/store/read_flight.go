package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"chimera/services/internal/tenancy"
)

// InFlight counts the tasks of each of the tenants that are queued or running: as many messages of theirs are on the
// bus, unless some were lost. Tenants without any are left out.
func (s *Store) InFlight(ctx context.Context, tenants []tenancy.ID) (map[tenancy.ID]int64, error) {
	ids := make([]string, len(tenants))
	for i, t := range tenants {
		ids[i] = string(t)
	}
	rows, err := s.system.Query(ctx, "select tenant_id::text, count(*) from tasks where tenant_id = any($1::uuid[]) and state in ('queued', 'running') group by tenant_id", ids)
	if err != nil {
		return nil, translate(err)
	}
	counts := make(map[tenancy.ID]int64, len(tenants))
	var id string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error {
		counts[tenancy.ID(id)] = n
		return nil
	})
	return counts, translate(err)
}
