package stage

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"chimera/infra/local/oidc"
	"chimera/infra/local/parts"
)

const (
	cliClient    = "chimera-cli"
	workerClient = "chimera-worker"
	skillClient  = "chimera-skill-noop"
)

// secret draws a secret once per name.
func (s *Stage) secret(name string) string {
	if s.secrets[name] == "" {
		raw := make([]byte, 20)
		_, _ = rand.Read(raw)
		s.secrets[name] = hex.EncodeToString(raw)
	}
	return s.secrets[name]
}

func (s *Stage) build(ctx context.Context) error {
	if err := os.MkdirAll(s.path("bin"), 0o700); err != nil {
		return err
	}
	file, err := overlay(s.root, s.dir)
	if err != nil {
		return err
	}
	s.options.Say("building")
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", file, "-o", s.path("bin")+"/",
		"./services/orchestrator/cmd/orchestrator", "./services/worker/cmd/worker",
		"./services/worker/internal/workertest/noopworker", "./skills/internal/skillkit/skillkittest/noopskill")
	cmd.Dir = s.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	return nil
}

func (s *Stage) startParts(ctx context.Context) (err error) {
	s.options.Say("starting PostgreSQL, Redis and OIDC")
	if s.Postgres, err = parts.Postgres(ctx, parts.PostgresOptions{Options: parts.Options{Dir: s.path("postgres")}}); err != nil {
		return err
	}
	// Commits are timed by the server's own record of them, not by when somebody came to look.
	if err := s.execute(ctx, s.Postgres.URL, "alter system set track_commit_timestamp = on"); err != nil {
		return err
	}
	if err := s.Postgres.Stop(ctx); err != nil {
		return err
	}
	if err := s.Postgres.Start(ctx); err != nil {
		return err
	}
	if s.Redis, err = parts.Redis(ctx, parts.RedisOptions{Options: parts.Options{Dir: s.path("redis")}, Password: s.secret("redis"), AppendOnly: true}); err != nil {
		return err
	}
	if s.Redis.Note != "" {
		return fmt.Errorf("the bench needs a real Redis: %s", s.Redis.Note)
	}
	var users []oidc.User
	for i := range s.options.Tenants {
		hash, err := oidc.HashPassword(s.secret(person(i)))
		if err != nil {
			return err
		}
		users = append(users, oidc.User{Username: person(i), Sub: "sub-" + person(i), Email: person(i) + "@example.test", Name: person(i), PasswordHash: hash})
	}
	clients := []oidc.Client{oidc.NativeClient(cliClient, "Chimera CLI"), oidc.ServiceClient(workerClient, s.secret(workerClient)), oidc.ServiceClient(skillClient, s.secret(skillClient))}
	if err := s.writeJSON("users.json", users); err != nil {
		return err
	}
	if err := s.writeJSON("clients.json", clients); err != nil {
		return err
	}
	s.oidc, err = parts.OIDC(ctx, parts.OIDCOptions{Options: parts.Options{Dir: s.path("oidc")}, Users: s.path("users.json"), Clients: s.path("clients.json")})
	return err
}

// fill makes schema, keys and tenants through the orchestrator's own commands.
func (s *Stage) fill(ctx context.Context) (err error) {
	if err := s.execute(ctx, s.Postgres.URL, "create database "+databaseName); err != nil {
		return err
	}
	if s.Database, err = pgxpool.New(ctx, s.DatabaseURL(databaseName)); err != nil {
		return err
	}
	options, err := redis.ParseURL(s.Redis.URL)
	if err != nil {
		return err
	}
	s.Streams = redis.NewClient(options)
	if err := s.command(ctx, []string{"CHIMERA_OWNER_DATABASE_URL=" + s.DatabaseURL(databaseName), "CHIMERA_APP_PASSWORD=" + s.secret("app"), "CHIMERA_SYSTEM_PASSWORD=" + s.secret("system")}, "migrate"); err != nil {
		return err
	}
	var tenants []map[string]any
	for i := range s.options.Tenants {
		t := &Tenant{ID: uuid.Must(uuid.NewV7()).String(), slug: fmt.Sprintf("tenant-%d", i), person: person(i)}
		s.Tenants = append(s.Tenants, t)
		tenants = append(tenants, map[string]any{"id": t.ID, "slug": t.slug, "name": t.slug, "members": []map[string]string{
			{"subject": "sub-" + t.person, "email": t.person + "@example.test", "role": "admin"},
		}})
	}
	if err := s.writeJSON("seed.json", map[string]any{"tenants": tenants}); err != nil {
		return err
	}
	return s.command(ctx, s.orchestratorEnv(), "seed", s.path("seed.json"))
}

func person(i int) string { return fmt.Sprintf("person%d", i) }

func (s *Stage) command(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, s.path("bin", orchestrator), args...)
	cmd.Env = append(env, "PATH="+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("orchestrator %v: %w: %s", args, err, out)
	}
	return nil
}

func (s *Stage) execute(ctx context.Context, address, statement string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

func (s *Stage) writeJSON(name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(s.path(name), raw, 0o600)
}

func (s *Stage) login(name, key string) *url.Userinfo { return url.UserPassword(name, s.secret(key)) }
