// Package stage sets the measured system up as it is in the field: an orchestrator, a worker and a skill as
// processes of their own with their own identities, on real PostgreSQL, Redis and OIDC, all governance on. Unlike
// tests/internal/world it logs warnings only, keeps no traces, and takes the shipped times.
package stage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"chimera/infra/local/parts"
	"chimera/tests/internal/world"
)

const (
	databaseName = "chimera"
	orchestrator = "orchestrator"
	worker       = "worker"
)

// Options of a Stage.
type Options struct {
	// Tenants share the work; 8.
	Tenants int
	// Env is added to every process of ours, NAME=value.
	Env []string
	// Say gets progress lines for a person.
	Say func(format string, args ...any)
}

// Stage is one running system.
type Stage struct {
	Postgres, Redis *parts.Server
	// Database is a pool of the superuser in the system's database; Streams the system's Redis.
	Database *pgxpool.Pool
	Streams  *redis.Client
	Tenants  []*Tenant

	dir, root string
	options   Options
	oidc      *parts.Server
	secrets   map[string]string
	ports     map[string]string
	processes map[string]*world.Process
}

// Open builds the programs and starts everything but a worker. root is the repository. Close it.
func Open(ctx context.Context, root string, o Options) (*Stage, error) {
	if o.Tenants == 0 {
		o.Tenants = 8
	}
	dir, err := os.MkdirTemp("", "chimera-bench-")
	if err != nil {
		return nil, err
	}
	s := &Stage{dir: dir, root: root, options: o, secrets: map[string]string{}, ports: map[string]string{}, processes: map[string]*world.Process{}}
	for _, step := range []func(context.Context) error{s.build, s.startParts, s.fill, s.startOrchestrator, s.enter} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close ends everything and deletes its data. With CHIMERA_BENCH_KEEP set the folder stays.
func (s *Stage) Close() error {
	for _, p := range s.processes {
		p.Kill()
	}
	if s.Database != nil {
		s.Database.Close()
	}
	var problems []error
	if s.Streams != nil {
		problems = append(problems, s.Streams.Close())
	}
	for _, part := range []*parts.Server{s.Redis, s.Postgres, s.oidc} {
		if part != nil {
			problems = append(problems, part.Kill())
		}
	}
	if os.Getenv("CHIMERA_BENCH_KEEP") != "" {
		s.options.Say("kept %s", s.dir)
		return errors.Join(problems...)
	}
	return errors.Join(append(problems, os.RemoveAll(s.dir))...)
}

// PIDs are the processes that the measured system consists of, without the parts.
func (s *Stage) PIDs() []int {
	var pids []int
	for _, p := range s.processes {
		if pid := p.PID(); pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// PID is one process of ours: "orchestrator" or "worker"; 0 when it does not run.
func (s *Stage) PID(name string) int {
	if p := s.processes[name]; p != nil {
		return p.PID()
	}
	return 0
}

// DatabaseURL names the server's database as the superuser.
func (s *Stage) DatabaseURL(name string) string { return s.databaseURL(name, nil) }

func (s *Stage) databaseURL(name string, user *url.Userinfo) string {
	u, err := url.Parse(s.Postgres.URL)
	if err != nil {
		panic(err) // parts made it
	}
	if user != nil {
		u.User = user
	}
	u.Path = "/" + name
	return u.String()
}

// port keeps one address per name, below the kernel's ephemeral range.
func (s *Stage) port(name string) string {
	for s.ports[name] == "" {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		taken := slices.ContainsFunc(mapValues(s.ports), func(a string) bool { return a == address })
		if l, err := net.Listen("tcp", address); err == nil && !taken {
			_ = l.Close()
			s.ports[name] = address
		}
	}
	return s.ports[name]
}

func mapValues(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// Dir is a folder that ends with the stage.
func (s *Stage) Dir() string { return s.dir }

func (s *Stage) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}
