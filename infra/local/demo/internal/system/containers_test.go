package system

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/sandbox"
	"chimera/services/kit/grant"
)

func TestContainersGetTheirSecretsAsFiles(t *testing.T) { // R15.1
	f, err := folder.Open(t.TempDir())
	require.NoError(t, err)
	at := Places{Sandbox: "http://sandbox.localhost:7300", Listen: "0.0.0.0:7300", Platform: "http://127.0.0.1:7370"}
	require.NoError(t, ContainerSecrets(f, at))

	read := func(name string) string {
		body, err := os.ReadFile(f.Path("secrets", name))
		require.NoError(t, err)
		info, err := os.Stat(f.Path("secrets", name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o444), info.Mode().Perm(), "the user in the container is another")
		return strings.TrimSpace(string(body))
	}
	info, err := os.Stat(f.Path("secrets"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), "which is what keeps others out")

	require.Contains(t, read("database_url"), "postgres://chimera_app:"+read("app_password")+"@postgres:5432/chimera")
	require.Contains(t, read("redis_url"), read("redis_password"))
	require.Equal(t, "requirepass "+read("redis_password"), read("redis.conf"))
	_, err = grant.ParsePublic(read("grant_public_key"))
	require.NoError(t, err)
	require.NotEmpty(t, read("publisher_client_secret"))
	require.Contains(t, read("clients.json"), read("worker_client_secret"))
	require.Contains(t, read("clients.json"), at.Platform+"/api/auth/callback")
	require.GreaterOrEqual(t, len(read("platform_session_secret")), 32, "or the Platform refuses it")
	require.Contains(t, read("seed.json"), at.Sandbox)
	require.NotContains(t, read("users.json"), "password\"", "passwords are hashed")

	config, err := sandbox.LoadConfig(f.Path("secrets", "sandbox.json"))
	require.NoError(t, err)
	require.Equal(t, at.Listen, config.Listen)
	require.Equal(t, at.Sandbox, config.PublicURL)
	require.Len(t, config.Accounts, 2*len(tenants)*len(agents))

	before, key := read("database_url"), read("grant.seed")
	require.NoError(t, ContainerSecrets(f, at))
	require.Equal(t, before, read("database_url"), "a second start keeps the secrets: the volumes know them")
	require.Equal(t, key, read("grant.seed"))

	compose, err := os.ReadFile("../../../../../compose.yaml")
	require.NoError(t, err)
	made, err := os.ReadDir(f.Path("secrets"))
	require.NoError(t, err)
	for _, file := range made {
		require.Contains(t, string(compose), "/secrets/"+file.Name()+"\"}", "a secret that compose.yaml does not mount")
	}
	for line := range strings.SplitSeq(string(compose), "\n") {
		if _, after, ok := strings.Cut(line, "}/secrets/"); ok {
			name, _, _ := strings.Cut(after, `"`)
			require.FileExists(t, f.Path("secrets", name), "compose.yaml mounts a secret that nobody makes")
		}
	}
	var seeded struct{ Tenants []any }
	require.NoError(t, json.Unmarshal([]byte(read("seed.json")), &seeded))
	require.Len(t, seeded.Tenants, len(tenants))
}

func TestADamagedGrantKeyIsNotReplaced(t *testing.T) {
	f, err := folder.Open(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(f.Path("secrets"), 0o700))
	require.NoError(t, os.WriteFile(f.Path("secrets", "grant.seed"), []byte("half"), 0o600))
	require.Error(t, ContainerSecrets(f, Places{Sandbox: "http://sandbox.localhost:1", Listen: "0.0.0.0:1"}))
	body, err := os.ReadFile(f.Path("secrets", "grant.seed"))
	require.NoError(t, err)
	require.Equal(t, "half", string(body))
}
