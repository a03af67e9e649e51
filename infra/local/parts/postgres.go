package parts

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"

	"chimera/infra/local/proc"
)

// PostgresOptions choose how PostgreSQL runs.
type PostgresOptions struct {
	Options
	// BinDir holds postgres and initdb; "" looks on PATH, in Debian's folders, then fetches PostgreSQL 17.
	BinDir string
}

// Postgres starts PostgreSQL 15 or newer with a generated superuser password and fsync on. URL names the superuser
// "postgres" and the database "postgres"; roles and databases are the caller's to make. Under root it
// runs as "postgres" or "nobody", which PostgreSQL demands; ErrAbsent if there are no binaries.
func Postgres(ctx context.Context, o PostgresOptions) (*Server, error) {
	dir, err := makeDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	account, err := unprivileged()
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	bin, err := findPostgres(ctx, o, account)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	password, err := secretFile(dir, "password")
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	cluster, err := initCluster(ctx, o, bin, dir, password, account)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	port, err := choosePort(dir, "port", o.Port)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	address := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: address(port), Path: "/postgres", RawQuery: "sslmode=disable"}
	s := &Server{Name: "postgres", URL: address.String(), Dir: dir, Log: filepath.Join(dir, "postgres.log")}
	s.launch = func(ctx context.Context) (Run, error) {
		return startAndWait(ctx, proc.Command{
			Path: filepath.Join(bin, "postgres"), Args: postgresArgs(cluster, port), Env: account.env(cluster),
			Dir: cluster, Log: s.Log, StopSignal: syscall.SIGINT, Credential: account.credential,
		}, s.pingPostgres)
	}
	return s, s.Start(ctx)
}

func postgresArgs(cluster string, port int) []string {
	args := []string{"-D", cluster}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port),
		"unix_socket_directories=", // the default one needs root; a path of our own may be too long for a socket
		"jit=off",                  // compiling costs more than it saves on short queries
		"shared_buffers=512MB",     // taken as it is used; the default, 128 MB, is outgrown within a minute of load
		"fsync=on", "max_connections=200", "timezone=UTC", "log_timezone=UTC",
	} {
		args = append(args, "-c", setting)
	}
	return args
}

func (s *Server) pingPostgres(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return conn.Ping(ctx)
}

// env is the whole environment of a child that may run under another account.
func (a account) env(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LC_ALL=C", "TZ=UTC", "PGTZ=UTC"}
}
