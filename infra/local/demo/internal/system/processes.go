package system

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/ports"
	"chimera/infra/local/demo/internal/supervise"
)

const workerClient = "chimera-worker"

// skills are the demo's, each its own process.
var skills = []string{"trends", "copywriter", "publisher", "analytics"}

func skillClient(skill string) string { return "chimera-skill-" + skill }

// wantedPorts are below the kernel's ephemeral range. Sandbox and PDS are pinned: accounts name their addresses.
func wantedPorts(orchestrators int) []ports.Want {
	wants := []ports.Want{
		// First, so that no other port moves to where a development server may run already.
		{Name: "platform-dev", Default: 7781, Other: true},
		{Name: "platform", Default: 7780},
		{Name: "logs", Default: 7460},
		{Name: "sandbox", Default: 7400, Pinned: true},
		{Name: "pds", Default: 7410, Pinned: true},
		{Name: "oidc", Default: 7420},
		{Name: "postgres", Default: 7430},
		{Name: "redis", Default: 7440},
		{Name: "weaviate", Default: 7450},
	}
	for i := range orchestrators {
		name := orchestratorName(i)
		wants = append(wants, ports.Want{Name: name, Default: 7700 + 10*i}, ports.Want{Name: name + "-internal", Default: 7701 + 10*i}, ports.Want{Name: name + "-ops", Default: 7702 + 10*i})
	}
	wants = append(wants, ports.Want{Name: "worker-ops", Default: 7752})
	for i, skill := range skills {
		wants = append(wants, ports.Want{Name: skill, Default: 7801 + 10*i}, ports.Want{Name: skill + "-ops", Default: 7802 + 10*i})
	}
	return wants
}

func orchestratorName(i int) string {
	if i == 0 {
		return "orchestrator"
	}
	return fmt.Sprintf("orchestrator-%d", i+1)
}

// plan knows everything that the processes' environments are made of.
type plan struct {
	folder   folder.Folder
	secrets  *folder.Secrets
	ports    ports.Ports
	database string // superuser's URL of the server
	redis    string
	embedded bool // Redis is the stand-in
	issuer   string
	weaviate struct{ url, key string }
	grantKey string // public
}

// environment is one process's, in a fixed order; values may hold secrets.
type environment map[string]string

func (e environment) list() []string {
	all := make([]string, 0, len(e))
	for name, value := range e {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return all
}

// passed are the caller's variables that processes get too: proxies, and where traces go.
var passed = []string{
	"PATH", "HOME", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "OTEL_EXPORTER_OTLP_ENDPOINT", "CHIMERA_LOG_LEVEL",
}

func (p *plan) base(name string) environment {
	env := environment{"CHIMERA_OIDC_ISSUER": p.issuer, "CHIMERA_OIDC_AUDIENCE": "chimera"}
	for _, key := range passed {
		if value, ok := os.LookupEnv(key); ok {
			env[key] = value
		}
	}
	if env["OTEL_EXPORTER_OTLP_ENDPOINT"] == "" {
		env["CHIMERA_TRACE_FILE"] = p.folder.Path("logs", name+".traces.jsonl")
	}
	return env
}

// databaseURL is the server's URL with another login and database.
func (p *plan) databaseURL(user, password, database string) string {
	u, err := url.Parse(p.database)
	if err != nil {
		return "" // it is our own text; the process will refuse it
	}
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	u.Path = "/" + database
	return u.String()
}

func (p *plan) queue(env environment, consumer string) environment {
	env["CHIMERA_REDIS_URL"] = p.redis
	env["CHIMERA_REDIS_EMBEDDED"] = fmt.Sprint(p.embedded)
	env["CHIMERA_BUS_CONSUMER"] = consumer
	return env
}

func (p *plan) orchestrator(i int) environment {
	name := orchestratorName(i)
	env := p.queue(p.base(name), name)
	clients := make([]string, 0, len(skills))
	for _, skill := range skills {
		clients = append(clients, skillClient(skill))
	}
	env["CHIMERA_ADDR"], env["CHIMERA_INTERNAL_ADDR"], env["CHIMERA_OPS_ADDR"] = p.ports.Address(name), p.ports.Address(name+"-internal"), p.ports.Address(name+"-ops")
	env["CHIMERA_DATABASE_URL"] = p.databaseURL("chimera_app", p.secrets.Get("database.app"), databaseName)
	env["CHIMERA_SYSTEM_DATABASE_URL"] = p.databaseURL("chimera_system", p.secrets.Get("database.system"), databaseName)
	env["CHIMERA_WEAVIATE_URL"], env["CHIMERA_WEAVIATE_API_KEY"] = p.weaviate.url, p.weaviate.key
	env["CHIMERA_GRANT_SEED_FILE"] = p.folder.Path("keys", "grant.seed")
	env["CHIMERA_VAULT_IDENTITY_FILE"] = p.folder.Path("keys", "vault.identity")
	env["CHIMERA_PAGE_KEY_FILE"] = p.folder.Path("keys", "page.key")
	env["CHIMERA_CHECKPOINT_DIR"] = p.folder.Path("checkpoints")
	env["CHIMERA_PEOPLE_CLIENTS"] = CLIClient + "," + PlatformClient
	env["CHIMERA_WORKER_CLIENTS"], env["CHIMERA_SKILL_CLIENTS"] = workerClient, strings.Join(clients, ",")
	return env
}

// migration is apart: the owner's login is given to no process that serves.
func (p *plan) migration() environment {
	env := p.base("migrate")
	env["CHIMERA_OWNER_DATABASE_URL"] = p.databaseURL("", "", databaseName)
	env["CHIMERA_APP_PASSWORD"], env["CHIMERA_SYSTEM_PASSWORD"] = p.secrets.Get("database.app"), p.secrets.Get("database.system")
	return env
}

func (p *plan) worker() environment {
	env := p.queue(p.base("worker"), "worker")
	addresses := make([]string, 0, len(skills))
	for _, skill := range skills {
		addresses = append(addresses, skill+"="+p.ports.URL(skill)+"/mcp")
	}
	env["CHIMERA_SKILLS"] = strings.Join(addresses, ",")
	env["CHIMERA_ORCHESTRATOR_URL"] = p.ports.URL("orchestrator-internal")
	env["CHIMERA_CLIENT_ID"], env["CHIMERA_CLIENT_SECRET"] = workerClient, p.secrets.Get(clientSecretName(workerClient))
	env["CHIMERA_OPS_ADDR"] = p.ports.Address("worker-ops")
	env["CHIMERA_WORKER_ID"] = "worker"
	env["CHIMERA_WORKER_DRAIN"] = "5s" // Ctrl-C must end everything within 20 s
	env["CHIMERA_DISCOVER_EVERY"] = "5s"
	return env
}

func (p *plan) skill(name string) environment {
	env := p.base(name)
	env["CHIMERA_ADDR"], env["CHIMERA_OPS_ADDR"] = p.ports.Address(name), p.ports.Address(name+"-ops")
	env["CHIMERA_ORCHESTRATOR_URL"] = p.ports.URL("orchestrator-internal")
	env["CHIMERA_GRANT_PUBLIC_KEYS"] = p.grantKey
	env["CHIMERA_CLIENT_ID"], env["CHIMERA_CLIENT_SECRET"] = skillClient(name), p.secrets.Get(clientSecretName(skillClient(name)))
	env["CHIMERA_ALLOWED_CALLERS"] = workerClient
	if name != "copywriter" {
		// The guard against private addresses has these two exceptions: the local stand-ins for the platforms.
		env["CHIMERA_ALLOW_HOST_PORTS"] = p.ports.Address("sandbox") + "," + p.ports.Address("pds")
	}
	if name == "publisher" {
		env["CHIMERA_BLUESKY_APPS"] = p.ports.URL("sandbox") + "=" + p.ports.URL("sandbox")
	}
	if name == "copywriter" {
		for _, pair := range os.Environ() {
			if key, value, _ := strings.Cut(pair, "="); isModelSetting(key) {
				env[key] = value
			}
		}
	}
	return env
}

// isModelSetting tells the variables by which a person gives the copywriter a language model.
func isModelSetting(key string) bool {
	for _, prefix := range []string{"CHIMERA_COPYWRITER_", "CHIMERA_OPENAI_", "CHIMERA_ANTHROPIC_", "CHIMERA_MODEL_"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

func (p *plan) sandbox() environment {
	env := p.base("sandbox")
	env["CHIMERA_SANDBOX_CONFIG"] = p.folder.Path("sandbox", "config.json")
	return env
}

// program makes a process of ours, and keeps its environment in env/<name>.env for `run-…`.
func (p *plan) program(name, binary, ready string, env environment) (*supervise.Program, error) {
	if err := p.folder.Write(filepath.Join("env", name+".env"), []byte(strings.Join(env.list(), "\n")+"\n")); err != nil {
		return nil, err
	}
	p.setAside(filepath.Join("logs", name+".traces.jsonl"))
	return &supervise.Program{
		Name: name, Path: p.folder.Path("bin", binary), Env: env.list(), Dir: p.folder.Dir,
		Log: p.folder.Path("logs", name+".log"), Ready: ready,
	}, nil
}

// maxTraces is the size in bytes past which a trace file is set aside as .1 at the next start.
const maxTraces = 32 << 20

func (p *plan) setAside(name string) {
	path := p.folder.Path(name)
	if info, err := os.Stat(path); err == nil && info.Size() > maxTraces {
		_ = os.Rename(path, path+".1")
	}
}
