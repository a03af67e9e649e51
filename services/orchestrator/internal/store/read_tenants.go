package store

import "context"

// TenantExists tells whether a tenant has this id or slug. It serves the detection of cross-tenant attempts and
// never an answer (R9.5).
func (s *Store) TenantExists(ctx context.Context, idOrSlug string) (bool, error) {
	var exists bool
	err := s.system.QueryRow(ctx, "select exists (select from tenants where slug = $1 or tenant_id::text = $1)", idOrSlug).Scan(&exists)
	return exists, translate(err)
}
