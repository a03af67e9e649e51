package world

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Skills are the processes that hold the tools.
var Skills = []string{"trends", "copywriter", "publisher", "analytics"}

const (
	cliClient    = "chimera-cli"
	workerClient = "chimera-worker"
	databaseName = "chimera"
)

func skillClient(skill string) string { return "chimera-skill-" + skill }

func (w *World) databaseURL(t testing.TB, user, password string) string {
	t.Helper()
	u, err := url.Parse(w.Postgres.URL)
	require.NoError(t, err)
	if user != "" {
		u.User = url.UserPassword(user, password)
		u.Host = w.through("postgres", u.Host)
	}
	u.Path = "/" + databaseName
	return u.String()
}

// base is every process's: debug logging, because that is where secrets would slip out.
func (w *World) base(name string) []string {
	if w.setup.Quiet {
		return []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "CHIMERA_LOG_LEVEL=info",
			"CHIMERA_OIDC_ISSUER=" + w.OIDC.URL, "CHIMERA_OIDC_AUDIENCE=chimera",
		}
	}
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "CHIMERA_LOG_LEVEL=debug",
		"CHIMERA_OIDC_ISSUER=" + w.OIDC.URL, "CHIMERA_OIDC_AUDIENCE=chimera", "CHIMERA_TRACE_FILE=" + w.TraceFile(name),
	}
}

// TraceFile is where a process leaves its spans, one JSON object a line.
func (w *World) TraceFile(name string) string { return filepath.Join(w.Dir, "traces", name+".jsonl") }

// orchestratorEnv has short times: what faults cost is bounded by them, and tests wait for it.
func (w *World) orchestratorEnv(t testing.TB, name string) []string {
	clients := make([]string, 0, len(Skills))
	for _, s := range Skills {
		clients = append(clients, skillClient(s))
	}
	env := w.base(name)
	if w.Weaviate != nil {
		env = append(env, "CHIMERA_WEAVIATE_URL="+w.Weaviate.URL, "CHIMERA_WEAVIATE_API_KEY="+w.Weaviate.APIKey)
	}
	return append(append(env,
		"CHIMERA_ADDR="+w.port(t, name), "CHIMERA_INTERNAL_ADDR="+w.port(t, name+"-internal"), "CHIMERA_OPS_ADDR="+w.port(t, name+"-ops"),
		"CHIMERA_DATABASE_URL="+w.databaseURL(t, "chimera_app", w.secrets.all["database password of chimera_app"]),
		"CHIMERA_SYSTEM_DATABASE_URL="+w.databaseURL(t, "chimera_system", w.secrets.all["database password of chimera_system"]),
		"CHIMERA_REDIS_URL="+w.redisURL(t), "CHIMERA_BUS_CONSUMER="+name, "CHIMERA_BUS_RECLAIM_AFTER=4s",
		"CHIMERA_PEOPLE_CLIENTS="+cliClient+","+platformClient, "CHIMERA_WORKER_CLIENTS="+workerClient, "CHIMERA_SKILL_CLIENTS="+strings.Join(clients, ","),
		"CHIMERA_GRANT_SEED_FILE="+filepath.Join(w.Dir, "keys", "grant.seed"), "CHIMERA_VAULT_IDENTITY_FILE="+filepath.Join(w.Dir, "keys", "vault.identity"),
		"CHIMERA_PAGE_KEY_FILE="+filepath.Join(w.Dir, "keys", "page.key"), "CHIMERA_CHECKPOINT_DIR="+filepath.Join(w.Dir, "checkpoints"),
		fmt.Sprintf("CHIMERA_LEASE=%s", Lease), "CHIMERA_QUIET=1s", "CHIMERA_QUEUED_OVERDUE=3s", "CHIMERA_JUDGING_OVERDUE=3s", "CHIMERA_SWEEP_EVERY=500ms",
		fmt.Sprintf("CHIMERA_EFFECT_CALL=%s", EffectCall), "CHIMERA_DATABASE_CONNS=8",
	), w.setup.Env["orchestrator"]...)
}

func (w *World) workerEnv(t testing.TB, name string) []string {
	skills := make([]string, 0, len(Skills))
	for _, s := range Skills {
		skills = append(skills, s+"=http://"+w.port(t, s)+"/mcp")
	}
	return append(append(w.base(name), "CHIMERA_WORKER_ID="+name, "CHIMERA_SKILLS="+strings.Join(skills, ","), "CHIMERA_DISCOVER_EVERY=1s", "CHIMERA_WORKER_DRAIN=2s",
		"CHIMERA_ORCHESTRATOR_URL="+w.internal.URL(), "CHIMERA_CLIENT_ID="+workerClient, "CHIMERA_CLIENT_SECRET="+w.secrets.all["client secret of worker"],
		"CHIMERA_OPS_ADDR="+w.port(t, name+"-ops"), "CHIMERA_REDIS_URL="+w.redisURL(t), "CHIMERA_BUS_RECLAIM_AFTER=4s"), w.setup.Env["worker"]...)
}

func (w *World) skillEnv(t testing.TB, name string) []string {
	env := append(w.base(name), "CHIMERA_ADDR="+w.port(t, name), "CHIMERA_OPS_ADDR="+w.port(t, name+"-ops"), "CHIMERA_ORCHESTRATOR_URL="+w.internal.URL(),
		"CHIMERA_GRANT_PUBLIC_KEYS="+w.grantKey, "CHIMERA_CLIENT_ID="+skillClient(name), "CHIMERA_CLIENT_SECRET="+w.secrets.all["client secret of "+name])
	if name != "copywriter" {
		// The exceptions to the guard against private addresses: what stands for the outside here.
		env = append(env, "CHIMERA_ALLOW_HOST_PORTS="+strings.TrimPrefix(w.Sandbox.URL, "http://")+","+strings.TrimPrefix(w.Feeds.URL, "http://"))
	}
	if name == "publisher" {
		env = append(env, "CHIMERA_BLUESKY_APPS="+w.Sandbox.URL+"="+w.Sandbox.URL)
	}
	return append(env, w.setup.Env["skill"]...)
}
