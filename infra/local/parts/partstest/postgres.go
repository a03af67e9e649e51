package partstest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chimera/infra/local/parts"
)

var postgres shared[*parts.Server]

// Postgres is a PostgreSQL shared by all tests of this binary: CHIMERA_TEST_DATABASE_URL (a role that may
// create databases), else one that is started. Most tests want Database.
func Postgres(t testing.TB) *parts.Server {
	t.Helper()
	if address := os.Getenv("CHIMERA_TEST_DATABASE_URL"); address != "" {
		return parts.External("postgres", address)
	}
	return postgres.get(t, "postgres", startPostgres)
}

// ExclusivePostgres is a PostgreSQL of this test's own, to kill and restart. It is never taken from the environment.
func ExclusivePostgres(t testing.TB) *parts.Server {
	t.Helper()
	return exclusive(t, "postgres", startPostgres)
}

func startPostgres(ctx context.Context, o parts.Options) (*parts.Server, error) {
	return preferContainer(ctx, o, containerPostgres, childPostgres)
}

func childPostgres(ctx context.Context, o parts.Options) (*parts.Server, error) {
	return parts.Postgres(ctx, parts.PostgresOptions{Options: o})
}

// Database is the URL of a new, empty database on the shared PostgreSQL, as its superuser; it is dropped
// after the test, with whatever is still connected to it.
func Database(t testing.TB) string {
	t.Helper()
	server := Postgres(t)
	raw := make([]byte, 8)
	_, _ = rand.Read(raw)
	name := "test_" + hex.EncodeToString(raw)
	execute(t, server.URL, "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(t, server.URL, "DROP DATABASE "+name+" WITH (FORCE)") })
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatalf("partstest: %v", err)
	}
	address.Path = "/" + name
	return address.String()
}

func execute(t testing.TB, address, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("partstest: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("partstest: %s: %v", statement, err)
	}
}
