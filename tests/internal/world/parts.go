package world

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/oidc"
	"chimera/infra/local/parts"
	"chimera/infra/local/parts/partstest"
	"chimera/infra/local/sandbox"
)

// Accounts is how many logins each sandbox platform has unless the setup says otherwise; tests take one each and never share.
const Accounts = 80

func writeJSON(t testing.TB, path string, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, raw, 0o600))
}

func (w *World) startParts(t testing.TB) {
	t.Helper()
	// One of our own: roles belong to the whole server, and a shared one's passwords are others'.
	if w.setup.Disk > 0 {
		w.Postgres, w.Cramped = partstest.CrampedPostgres(t, w.setup.Disk)
	} else {
		w.Postgres = partstest.ExclusivePostgres(t)
	}
	var err error
	w.Redis, err = parts.Redis(t.Context(), parts.RedisOptions{Options: parts.Options{Dir: partstest.Dir(t, "redis")}, Password: w.secrets.make("redis password"), AppendOnly: true})
	require.NoError(t, err)
	require.Empty(t, w.Redis.Note, "these tests need a real Redis")
	t.Cleanup(func() { _ = w.Redis.Kill() })

	options := parts.OIDCOptions{Options: parts.Options{Dir: partstest.Dir(t, "oidc")}}
	options.Users, options.Clients = filepath.Join(options.Dir, "users.json"), filepath.Join(options.Dir, "clients.json")
	var users []oidc.User
	for _, p := range w.people() {
		hash, err := oidc.HashPassword(w.secrets.make("password of " + p.name))
		require.NoError(t, err)
		users = append(users, oidc.User{Username: p.name, Sub: "sub-" + p.name, Email: p.name + "@example.test", Name: p.name, PasswordHash: hash})
	}
	if w.setup.Memory {
		if w.Weaviate = partstest.WeaviateIfAny(t); w.Weaviate != nil {
			w.secrets.add("Weaviate's API key", w.Weaviate.APIKey)
		}
	}
	clients := []oidc.Client{oidc.NativeClient(cliClient, "Chimera CLI"), w.platformClient(t), oidc.ServiceClient(workerClient, w.secrets.make("client secret of worker"))}
	for _, s := range Skills {
		clients = append(clients, oidc.ServiceClient(skillClient(s), w.secrets.make("client secret of "+s)))
	}
	writeJSON(t, options.Users, users)
	writeJSON(t, options.Clients, clients)
	w.OIDC, err = parts.OIDC(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.OIDC.Kill() })
}

// sandboxConfig knows all logins from the start, so that a restarted sandbox knows them too.
func (w *World) sandboxConfig(listen string) sandbox.Config {
	cfg := sandbox.Config{
		Listen: listen, DataDir: filepath.Join(w.Dir, "sandbox"), ControlToken: w.secrets.make("sandbox control token"),
		AccessTTL:  sandbox.Duration(time.Hour),
		RateLimits: sandbox.RateLimits{BlueskyRequests: 1e6, BlueskySessions: 1e6, MastodonRequests: 1e6},
	}
	for i := range w.logins() {
		b, m := blueskyHandle(i), mastodonHandle(i)
		cfg.Accounts = append(cfg.Accounts,
			sandbox.Account{Platform: "bluesky", Handle: b, Password: w.secrets.make("app password of " + b)},
			sandbox.Account{Platform: "mastodon", Handle: m, Token: w.secrets.make("access token of " + m)})
	}
	return cfg
}
