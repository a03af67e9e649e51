package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"chimera/services/internal/tenancy"
)

// ReadSnapshot is Read where all of fn's queries see one moment: needed when rows must agree with each other.
func (s *Store) ReadSnapshot(ctx context.Context, scope tenancy.Scope, fn func(ctx context.Context, tx *Tx) error) error {
	o := pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}
	return s.run(ctx, s.read, o, []tenancy.Scope{scope}, func(ctx context.Context, tx *Tx, _ int) error { return fn(ctx, tx) })
}
