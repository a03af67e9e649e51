package system

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/ports"
	"chimera/infra/local/oidc"
)

// prepared is a demo that has its secrets and ports and has started nothing.
func prepared(t *testing.T, orchestrators int) *Demo {
	t.Helper()
	f, err := folder.Open(t.TempDir())
	require.NoError(t, err)
	d := &Demo{options: Options{Folder: f, Orchestrators: orchestrators}, plan: plan{
		folder:   f,
		database: "postgres://postgres:owner-secret@127.0.0.1:7430/postgres?sslmode=disable", redis: "redis://default:r@127.0.0.1:7440/0",
		issuer: "http://127.0.0.1:7420", grantKey: "public",
	}}
	require.NoError(t, d.prepare())
	return d
}

func TestNoProcessListensWhereAnotherDoes(t *testing.T) {
	d := prepared(t, 3)
	seen := map[int]string{}
	for name, port := range d.plan.ports {
		require.Empty(t, seen[port], "%s has the port of %s", name, seen[port])
		seen[port] = name
	}
	require.NotEqual(t, d.plan.orchestrator(0)["CHIMERA_ADDR"], d.plan.orchestrator(1)["CHIMERA_ADDR"])
	require.NotEqual(t, d.plan.orchestrator(0)["CHIMERA_BUS_CONSUMER"], d.plan.orchestrator(1)["CHIMERA_BUS_CONSUMER"])
}

// A process gets what its job needs: the worker owns nothing, and no serving process has the owner's login.
func TestEachProcessGetsItsOwnSecretsOnly(t *testing.T) { // R6.3, R9.4
	d := prepared(t, 1)
	all := map[string]environment{"orchestrator": d.plan.orchestrator(0), "worker": d.plan.worker(), "sandbox": d.plan.sandbox()}
	for _, skill := range skills {
		all[skill] = d.plan.skill(skill)
	}
	for name, env := range all {
		text := strings.Join(env.list(), "\n")
		require.NotContains(t, text, "owner-secret", name)
		require.Equal(t, name == "orchestrator", strings.Contains(text, "postgres://"), "%s and the database", name)
		require.Equal(t, name == "orchestrator" || name == "worker", strings.Contains(text, "redis://"), "%s and the bus", name)
		for other := range all {
			if other != name && other != "orchestrator" && other != "sandbox" {
				foreign := all[other]["CHIMERA_CLIENT_SECRET"]
				require.NotContains(t, text, foreign, "%s has the identity of %s", name, other)
			}
		}
	}
	require.Contains(t, d.plan.migration()["CHIMERA_OWNER_DATABASE_URL"], "owner-secret")
	require.NotContains(t, d.plan.skill("copywriter"), "CHIMERA_ALLOW_HOST_PORTS", "it has no business on this machine")
}

func TestModelSettingsReachTheCopywriterAlone(t *testing.T) {
	t.Setenv("CHIMERA_OPENAI_API_KEY", "model-key")
	d := prepared(t, 1)
	require.Equal(t, "model-key", d.plan.skill("copywriter")["CHIMERA_OPENAI_API_KEY"])
	for _, env := range []environment{d.plan.skill("publisher"), d.plan.worker(), d.plan.orchestrator(0)} {
		require.NotContains(t, env, "CHIMERA_OPENAI_API_KEY")
	}
}

func TestSecretsLieInFilesForTheOwnerAndOnNoCommandLine(t *testing.T) {
	d := prepared(t, 1)
	p, err := d.plan.program("worker", "worker", "http://127.0.0.1:1", d.plan.worker())
	require.NoError(t, err)
	require.Empty(t, p.Args)
	require.NoError(t, writeIdentities(d.plan.folder, d.plan.secrets, d.plan.ports.URL("platform")))
	require.NoError(t, filepath.WalkDir(d.plan.folder.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
		return nil
	}))
	users, err := os.ReadFile(d.plan.folder.Path("identities", "users.json"))
	require.NoError(t, err)
	var read []oidc.User
	require.NoError(t, json.Unmarshal(users, &read))
	require.Len(t, read, len(People))
	for _, p := range People {
		require.NotContains(t, string(users), d.plan.secrets.Get(PasswordName(p.Username)), "passwords are hashed")
	}
}

func TestBothTenantsHoldTheSameNames(t *testing.T) { // R9.4: only the tenant tells them apart
	d := prepared(t, 1)
	body, err := json.Marshal(seed(d.plan.secrets, ports.Ports{"sandbox": 7400}.URL("sandbox"), true))
	require.NoError(t, err)
	var doc struct {
		Tenants []struct {
			ID, Slug string
			Members  []struct{ Subject, Role string }
			Agents   []struct {
				Name      string
				Campaigns []struct{ Name string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(body, &doc))
	require.Len(t, doc.Tenants, 2)
	first, second := doc.Tenants[0], doc.Tenants[1]
	require.NotEqual(t, first.ID, second.ID)
	require.Equal(t, first.Agents, second.Agents)
	roles := map[string][]string{}
	for _, tenant := range doc.Tenants {
		for _, m := range tenant.Members {
			roles[m.Subject] = append(roles[m.Subject], m.Role)
		}
	}
	require.Equal(t, []string{"reviewer", "operator"}, roles["demo-both"])
	require.Len(t, first.Members, 5)
	require.Len(t, second.Members, 4)
}

func TestPostgresIsPutWhereItsAccountCanGo(t *testing.T) {
	if os.Getuid() != 0 {
		require.Equal(t, "/anywhere/postgres", postgresDir("/anywhere/postgres"))
		return
	}
	open, err := os.MkdirTemp("", "demo-open-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(open) })
	require.NoError(t, os.Chmod(open, 0o755))
	require.Equal(t, filepath.Join(open, "postgres"), postgresDir(filepath.Join(open, "postgres")))
	require.NoError(t, os.Chmod(open, 0o700))
	moved := postgresDir(filepath.Join(open, "postgres"))
	require.True(t, strings.HasPrefix(moved, "/var/lib/chimera-demo/"), moved)
}

func TestStartRefusesWhatItCannotDo(t *testing.T) {
	f, err := folder.Open(t.TempDir())
	require.NoError(t, err)
	_, err = Start(t.Context(), Options{Folder: f, Orchestrators: 9})
	require.ErrorContains(t, err, "want 1 to 4")
	t.Setenv("DEMO_ORCHESTRATORS", "two")
	_, err = OrchestratorsFromEnv()
	require.ErrorContains(t, err, "want a number")
}
