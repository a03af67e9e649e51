// Package world runs the whole system for tests as what it is in the field: two orchestrators behind one address,
// two workers, four skills and the sandbox platforms, each a real process of its own with its own identity, on
// real Postgres, Redis and OIDC. Any of them can be killed and started again by name.
package world

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"chimera/infra/local/parts"
	"chimera/infra/local/parts/partstest"
)

// Times that the processes run with: what a fault may cost.
const (
	Lease      = 4 * time.Second
	EffectCall = 3 * time.Second
)

// Names of the processes.
const (
	OrchestratorA, OrchestratorB = "orchestrator-0", "orchestrator-1"
	WorkerA, WorkerB             = "worker-0", "worker-1"
	SandboxName                  = "sandbox"
)

// World is one running system.
type World struct {
	Dir             string
	Postgres, Redis *parts.Server
	OIDC            *parts.Server
	Weaviate        *parts.WeaviateServer // nil without Setup.Memory, or where there is none
	// Cramped tells that Postgres has a disk of its own, of Setup.Disk bytes, at its Dir.
	Cramped bool
	// Database is a pool of the superuser: what the system itself may not see or do, the checks may.
	Database *pgxpool.Pool
	Streams  *redis.Client
	Sandbox  *Sandbox
	Feeds    *Feeds
	Tenants  map[string]string // id by slug

	secrets  canaries
	grantKey string
	ports    map[string]string
	public   *front
	internal *front
	tokens   map[string]string
	plain    *http.Client

	setup     Setup
	mu        sync.Mutex
	processes map[string]*Process
	accounts  int // logins given away
}

// StartWith builds the programs and starts everything; it ends with the test.
func StartWith(t testing.TB, setup Setup) *World {
	t.Helper()
	w := &World{
		setup: setup,
		Dir:   partstest.Dir(t, "world"), ports: map[string]string{}, processes: map[string]*Process{}, tokens: map[string]string{},
		Tenants: map[string]string{}, plain: &http.Client{Timeout: time.Minute},
	}
	for _, dir := range []string{"bin", "keys", "checkpoints", "logs", "traces", "sandbox"} {
		require.NoError(t, os.Mkdir(filepath.Join(w.Dir, dir), 0o700))
	}
	built := make(chan error, 1)
	go func() { built <- build(filepath.Join(w.Dir, "bin")) }()
	w.startParts(t)
	require.NoError(t, <-built)
	w.Feeds = newFeeds(t)
	t.Cleanup(func() { w.stop(); w.keep(t) })
	w.fill(t)
	w.startProcesses(t)
	w.logIn(t)
	return w
}

// port keeps one address per name for the whole run, so that a restarted process is found where it was. It is below
// the kernel's ephemeral range: no outgoing connection can take it while the process is down.
func (w *World) port(t testing.TB, name string) string {
	t.Helper()
	for range 100 {
		if w.ports[name] != "" {
			return w.ports[name]
		}
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		if l, err := net.Listen("tcp", address); err == nil && !slices.Contains(slices.Collect(maps.Values(w.ports)), address) {
			_ = l.Close()
			w.ports[name] = address
		}
	}
	require.FailNow(t, "no free port")
	return ""
}

// fill makes schema, keys and tenants through the orchestrator's own commands.
func (w *World) fill(t testing.TB) {
	t.Helper()
	var err error
	w.execute(t, w.Postgres.URL, "create database "+databaseName)
	w.Database, err = pgxpool.New(t.Context(), w.databaseURL(t, "", ""))
	require.NoError(t, err)
	options, err := redis.ParseURL(w.Redis.URL) // never through a setup's proxy: checks must see when nobody else does
	require.NoError(t, err)
	w.Streams = redis.NewClient(options)
	w.secrets.add("superuser's database password", passwordOf(t, w.Postgres.URL))
	app, system := w.secrets.make("database password of chimera_app"), w.secrets.make("database password of chimera_system")
	w.Command(t, append(w.base("migrate"), "CHIMERA_OWNER_DATABASE_URL="+w.databaseURL(t, "", ""), "CHIMERA_APP_PASSWORD="+app, "CHIMERA_SYSTEM_PASSWORD="+system), "migrate")
	seed := filepath.Join(w.Dir, "seed.json")
	writeJSON(t, seed, w.seed())
	w.Command(t, w.orchestratorEnv(t, OrchestratorA), "seed", seed)
	w.grantKey = w.Command(t, w.orchestratorEnv(t, OrchestratorA), "keys")
}

// Command runs one of the orchestrator's commands to its end and answers what it printed.
func (w *World) Command(t testing.TB, env []string, args ...string) string {
	t.Helper()
	out, err := w.TryCommand(t, env, args...)
	require.NoError(t, err, "orchestrator %v: %s", args, out)
	return strings.TrimSpace(out)
}

// TryCommand is Command that may fail; nil env means an orchestrator's own.
func (w *World) TryCommand(t testing.TB, env []string, args ...string) (string, error) {
	t.Helper()
	if env == nil {
		env = w.orchestratorEnv(t, OrchestratorA)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.binary("orchestrator"), args...)
	cmd.Env = env
	var out, problems strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String() + problems.String(), err
	}
	return out.String(), nil
}

func (w *World) binary(name string) string { return filepath.Join(w.Dir, "bin", name) }

func (w *World) startProcesses(t testing.TB) {
	t.Helper()
	var err error
	w.public, err = newFront(w.port(t, OrchestratorA), w.port(t, OrchestratorB))
	require.NoError(t, err)
	w.internal, err = newFront(w.port(t, OrchestratorA+"-internal"), w.port(t, OrchestratorB+"-internal"))
	require.NoError(t, err)
	config := filepath.Join(w.Dir, "sandbox.json")
	cfg := w.sandboxConfig(w.port(t, SandboxName))
	writeJSON(t, config, cfg)
	w.Sandbox = &Sandbox{URL: "http://" + cfg.Listen, token: cfg.ControlToken, client: w.plain}

	start, _ := errgroup.WithContext(t.Context())
	add := func(name, binary, ready string, env []string) {
		p := &Process{Name: name, Path: w.binary(binary), Env: env, Log: filepath.Join(w.Dir, "logs", name+".log"), Ready: "http://" + ready}
		w.processes[name] = p
		start.Go(func() error { return p.Start(t.Context()) })
	}
	add(SandboxName, "sandbox", cfg.Listen+"/healthz", []string{"CHIMERA_SANDBOX_CONFIG=" + config})
	for _, name := range []string{OrchestratorA, OrchestratorB} {
		add(name, "orchestrator", w.port(t, name+"-ops")+"/readyz", w.orchestratorEnv(t, name))
	}
	for _, name := range Skills {
		add(name, name, w.port(t, name+"-ops")+"/readyz", w.skillEnv(t, name))
	}
	for _, name := range w.Workers() {
		add(name, "worker", w.port(t, name+"-ops")+"/readyz", w.workerEnv(t, name))
	}
	require.NoError(t, start.Wait())
}

// Process answers a process by name.
func (w *World) Process(name string) *Process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.processes[name]
}

// Crash kills a process as a power cut does.
func (w *World) Crash(name string) { w.Process(name).Kill() }

// Revive starts a crashed process again and waits until it is ready.
func (w *World) Revive(t testing.TB, name string) {
	t.Helper()
	require.NoError(t, w.Process(name).Start(context.WithoutCancel(t.Context())))
}

// Processes names all of them but the sandbox, which is no part of the system.
func (w *World) Processes() []string {
	return slices.Concat([]string{OrchestratorA, OrchestratorB}, w.Workers(), Skills)
}

// Ops is the address of a process's health and metrics.
func (w *World) Ops(name string) string { return "http://" + w.ports[name+"-ops"] }

// keep moves logs and traces to CHIMERA_TEST_KEEP, a folder, for looking into a failure.
func (w *World) keep(t testing.TB) {
	to := os.Getenv("CHIMERA_TEST_KEEP")
	if to == "" || !t.Failed() {
		return
	}
	for _, dir := range []string{"logs", "traces"} {
		_ = os.CopyFS(filepath.Join(to, filepath.Base(w.Dir), dir), os.DirFS(filepath.Join(w.Dir, dir)))
	}
}

func (w *World) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.processes {
		p.Kill()
	}
	if w.Database != nil {
		w.Database.Close()
	}
	if w.Streams != nil {
		_ = w.Streams.Close()
	}
}
