package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Roles are the two powerless logins the orchestrator serves with.
type Roles struct{ AppPassword, SystemPassword string }

// Migrate makes the roles and brings the schema up, as the database's owner. Two at once are serialised by a
// session lock; a crash in between reruns cleanly, because each file is one transaction.
func Migrate(ctx context.Context, ownerURL string, roles Roles) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect as owner: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for role, password := range map[string]string{"chimera_app": roles.AppPassword, "chimera_system": roles.SystemPassword} {
		if err := ensureRole(ctx, conn, role, password); err != nil {
			return err
		}
	}
	db, err := sql.Open("pgx", ownerURL)
	if err != nil {
		return fmt.Errorf("open for migrations: %w", err)
	}
	defer func() { _ = db.Close() }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func ensureRole(ctx context.Context, conn *pgx.Conn, role, password string) error {
	// One transaction under an advisory lock: roles are the cluster's, and two databases may migrate at once.
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(7243001)"); err != nil {
			return err
		}
		var exists bool
		if err := tx.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", role).Scan(&exists); err != nil {
			return err
		}
		verb := "create"
		if exists {
			verb = "alter"
		}
		var statement string
		err := tx.QueryRow(ctx, "select format('%s role %I login nosuperuser nobypassrls nocreatedb nocreaterole noinherit password %L', $1::text, $2::text, $3::text)",
			verb, role, password).Scan(&statement)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, statement)
		return err
	})
	if err != nil {
		// The statement holds the password: the driver's text must not travel with the error.
		return fmt.Errorf("role %s could not be made ready: %s", role, sqlState(err))
	}
	return nil
}
