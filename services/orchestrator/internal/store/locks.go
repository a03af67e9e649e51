package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// unprotected are the tables without a tenant: what the installation sees, and goose's own.
var unprotected = []string{"tools", "workers", "goose_db_version"}

// checkLocks refuses to serve when isolation would rest on one lock only.
func (s *Store) checkLocks(ctx context.Context) error {
	for role, p := range map[string]interface {
		QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	}{"app": s.app, "system": s.system} {
		var powerful bool
		if err := p.QueryRow(ctx, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user").Scan(&powerful); err != nil {
			return translate(err)
		}
		if powerful {
			return fmt.Errorf("the %s role is a superuser or may bypass row-level security: refusing to serve", role)
		}
	}
	rows, err := s.app.Query(ctx, `
		select c.relname from pg_class c
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relname = any($1)
		  and (not c.relrowsecurity or not c.relforcerowsecurity or pg_get_userbyid(c.relowner) = current_user
		       or not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*'))`, unprotected)
	if err != nil {
		return translate(err)
	}
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return translate(err)
	}
	if len(open) > 0 {
		return errors.New("tables without forced row-level security: " + strings.Join(open, ", ") + ": refusing to serve")
	}
	return nil
}
