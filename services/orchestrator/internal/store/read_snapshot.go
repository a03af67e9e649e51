package store

import (
	"context"

	"chimera/services/internal/tenancy"
)

// ReadSnapshot is Read where all of fn's queries see one moment: needed when rows must agree with each other.
func (s *Store) ReadSnapshot(ctx context.Context, scope tenancy.Scope, fn func(ctx context.Context, tx *Tx) error) error {
	return s.run(ctx, s.read, "begin isolation level repeatable read read only", byFilter, []tenancy.Scope{scope}, reading(fn))
}
