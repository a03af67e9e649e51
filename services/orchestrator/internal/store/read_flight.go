package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"chimera/services/internal/tenancy"
)

// Flight counts a tenant's tasks that have a message of theirs on the bus, unless it was lost.
type Flight struct {
	// Sent are queued or running: each has a Task message. Judging have a verdict on its way.
	Sent, Judging int64
}

// InFlight counts the tasks of each of the tenants that are with workers or judges. Tenants without any are left out.
func (s *Store) InFlight(ctx context.Context, tenants []tenancy.ID) (map[tenancy.ID]Flight, error) {
	ids := make([]string, len(tenants))
	for i, t := range tenants {
		ids[i] = string(t)
	}
	rows, err := s.system.Query(ctx, `select tenant_id::text, count(*) filter (where state <> 'judging'), count(*) filter (where state = 'judging')
		from tasks where tenant_id = any($1) and state in ('queued', 'running', 'judging') group by tenant_id`, ids)
	if err != nil {
		return nil, translate(err)
	}
	counts := make(map[tenancy.ID]Flight, len(tenants))
	var id string
	var f Flight
	_, err = pgx.ForEachRow(rows, []any{&id, &f.Sent, &f.Judging}, func() error {
		counts[tenancy.ID(id)] = f
		return nil
	})
	return counts, translate(err)
}
