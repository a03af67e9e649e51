package system

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/oidc"
)

// A folder of a demo from before the Platform gets what is missing, and keeps the rest.
func TestAnOlderFolderGetsAPlatform(t *testing.T) {
	d := prepared(t, 1)
	f, password := d.plan.folder, d.plan.secrets.Get(PasswordName("reviewer"))
	older := map[string]string{}
	require.NoError(t, f.ReadJSON("secrets.json", &older))
	for _, name := range platformSecrets {
		require.Contains(t, older, name)
		delete(older, name)
	}
	require.NoError(t, f.WriteJSON("secrets.json", older))
	require.NoError(t, f.WriteJSON("identities/clients.json", []oidc.Client{oidc.NativeClient(CLIClient, "")}))
	require.NoError(t, d.prepare())
	require.Equal(t, password, d.plan.secrets.Get(PasswordName("reviewer")))

	url, dev := d.plan.ports.URL("platform"), d.plan.ports.URL("platform-dev")
	require.NoError(t, writeIdentities(f, d.plan.secrets, url, dev))
	var clients []oidc.Client
	require.NoError(t, f.ReadJSON("identities/clients.json", &clients))
	byID := map[string]oidc.Client{}
	for _, c := range clients {
		byID[c.ID] = c
	}
	env := d.plan.platform(url)
	client := byID[env["CHIMERA_PLATFORM_CLIENT_ID"]]
	require.NotEmpty(t, client.Secret)
	require.Equal(t, env["CHIMERA_PLATFORM_CLIENT_SECRET"], client.Secret)
	require.Equal(t, []string{url + "/api/auth/callback", dev + "/api/auth/callback"}, client.RedirectURIs)
	require.Equal(t, []string{url + "/login?problem=signed-out", dev + "/login?problem=signed-out"}, client.LogoutURIs)
	require.Contains(t, d.plan.orchestrator(0)["CHIMERA_PEOPLE_CLIENTS"], client.ID)
	require.GreaterOrEqual(t, len(env["CHIMERA_SESSION_SECRET"]), 32, "the Platform refuses a shorter one")

	require.NoError(t, d.plan.writePlatform())
	info, err := os.Stat(f.Path("env", "platform.env"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	for name, other := range map[string]environment{"orchestrator": d.plan.orchestrator(0), "worker": d.plan.worker(), "publisher": d.plan.skill("publisher")} {
		body, err := json.Marshal(other)
		require.NoError(t, err)
		require.NotContains(t, string(body), client.Secret, "%s has the identity of the Platform", name)
		require.NotContains(t, string(body), env["CHIMERA_SESSION_SECRET"], name)
	}
}
