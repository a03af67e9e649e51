package stage

import (
	"context"
	"os"
	"syscall"

	"chimera/tests/internal/world"
)

// WorkerKind is which worker runs and how it reaches its tool.
type WorkerKind string

// InProcessWorker answers InProcess itself; the others are the shipped worker with the no-op skill as a child that
// speaks stdio, or as a server that speaks streamable HTTP.
const (
	InProcessWorker WorkerKind = "in process"
	StdioWorker     WorkerKind = "MCP stdio"
	HTTPWorker      WorkerKind = "MCP HTTP"
)

// Tool is what tasks for a worker of the kind call.
func (k WorkerKind) Tool() string {
	if k == InProcessWorker {
		return InProcess
	}
	return OverMCP
}

func (s *Stage) base() []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "CHIMERA_LOG_LEVEL=warn",
		"CHIMERA_OIDC_ISSUER=" + s.oidc.URL, "CHIMERA_OIDC_AUDIENCE=" + "chimera",
	}, s.options.Env...)
}

func (s *Stage) orchestratorEnv() []string {
	return append(s.base(),
		"CHIMERA_ADDR="+s.port("public"), "CHIMERA_INTERNAL_ADDR="+s.port("internal"), "CHIMERA_OPS_ADDR="+s.port("orchestrator-ops"),
		"CHIMERA_DATABASE_URL="+s.databaseURL(databaseName, s.login("chimera_app", "app")),
		"CHIMERA_SYSTEM_DATABASE_URL="+s.databaseURL(databaseName, s.login("chimera_system", "system")),
		"CHIMERA_REDIS_URL="+s.Redis.URL, "CHIMERA_BUS_CONSUMER=orchestrator",
		"CHIMERA_PEOPLE_CLIENTS="+cliClient, "CHIMERA_WORKER_CLIENTS="+workerClient, "CHIMERA_SKILL_CLIENTS="+skillClient,
		"CHIMERA_GRANT_SEED_FILE="+s.path("grant.seed"), "CHIMERA_VAULT_IDENTITY_FILE="+s.path("vault.identity"), "CHIMERA_PAGE_KEY_FILE="+s.path("page.key"),
	)
}

// slots of a worker for tools that answer at once (decision 0083): as many calls as a skill takes.
const slots = "256"

func (s *Stage) workerEnv(kind WorkerKind) []string {
	skill := "noop=stdio:" + s.path("bin", "noopskill")
	if kind == HTTPWorker {
		skill = "noop=http://" + s.port("skill") + "/mcp"
	}
	return append(s.base(), "CHIMERA_WORKER_ID="+worker, "CHIMERA_SKILLS="+skill, "CHIMERA_WORKER_CONCURRENCY="+slots, "CHIMERA_WORKER_DRAIN=2s",
		"CHIMERA_ORCHESTRATOR_URL=http://"+s.port("internal"), "CHIMERA_CLIENT_ID="+workerClient, "CHIMERA_CLIENT_SECRET="+s.secret(workerClient),
		"CHIMERA_OPS_ADDR="+s.port("worker-ops"), "CHIMERA_REDIS_URL="+s.Redis.URL,
		// A rate limit is for platforms' sake; here it would be what is measured.
		"CHIMERA_SKILL_NOOP_RATE_LIMITS=*=1000000/s:1000000")
}

func (s *Stage) skillEnv() []string {
	return append(s.base(), "CHIMERA_ADDR="+s.port("skill"), "CHIMERA_OPS_ADDR="+s.port("skill-ops"), "CHIMERA_ORCHESTRATOR_URL=http://"+s.port("internal"),
		"CHIMERA_CLIENT_ID="+skillClient, "CHIMERA_CLIENT_SECRET="+s.secret(skillClient), "CHIMERA_RATE_LIMITS=*=1000000/s:1000000")
}

func (s *Stage) startOrchestrator(ctx context.Context) error {
	return s.start(ctx, orchestrator, orchestrator, s.port("orchestrator-ops"), s.orchestratorEnv())
}

// Restart stops the orchestrator and starts it anew: an optimised start, or a database that forgets what it cached.
func (s *Stage) Restart(ctx context.Context) error {
	s.processes[orchestrator].Stop()
	return s.startOrchestrator(ctx)
}

// Work replaces the running worker, if any, by one of the kind.
func (s *Stage) Work(ctx context.Context, kind WorkerKind) error {
	s.Idle()
	binary := worker
	switch kind {
	case InProcessWorker:
		binary = "noopworker"
	case StdioWorker:
	case HTTPWorker:
		if err := s.start(ctx, "skill", "noopskill", s.port("skill-ops"), s.skillEnv()); err != nil {
			return err
		}
	}
	return s.start(ctx, worker, binary, s.port("worker-ops"), s.workerEnv(kind))
}

// Idle stops the worker, if one runs: submitted tasks stay queued.
func (s *Stage) Idle() {
	for _, name := range []string{worker, "skill"} {
		if p := s.processes[name]; p != nil {
			p.Stop()
			delete(s.processes, name)
		}
	}
}

func (s *Stage) start(ctx context.Context, name, binary, ops string, env []string) error {
	p := &world.Process{Name: name, Path: s.path("bin", binary), Env: env, Log: s.path(name + ".log"), Ready: "http://" + ops + "/readyz"}
	s.processes[name] = p
	return p.Start(ctx)
}

// Freeze stops our processes where they are, so that they take nothing from a measurement of something else; resume
// lets them go on.
func (s *Stage) Freeze() (resume func()) {
	pids := s.PIDs()
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}
	return func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}

// Ops is the address of a process's metrics: "orchestrator", "worker" or "skill".
func (s *Stage) Ops(name string) string { return "http://" + s.port(name+"-ops") }

// Log is where a process writes what it has to say.
func (s *Stage) Log(name string) string { return s.path(name + ".log") }
