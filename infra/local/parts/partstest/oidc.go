package partstest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"chimera/infra/local/oidc"
	"chimera/infra/local/parts"
)

var provider shared[*parts.Server]

// Names and secrets that the test provider knows. They are no secrets: it lives as long as the tests, on loopback.
const (
	CLIClient      = "chimera-cli"
	PlatformClient = "chimera-platform"
	WorkerClient   = "chimera-worker"
	ClientSecret   = "test-client-secret-of-no-value" // of PlatformClient and every service client
	UserPassword   = "correct horse battery staple"   // of every user
)

// Users are who may log in at the test provider; the sub is "sub-" + username.
var Users = []string{"olga", "rafael", "vera"}

// ServiceClients may get tokens by client credentials with ClientSecret.
var ServiceClients = []string{WorkerClient, "chimera-skill-trends", "chimera-skill-copywriter", "chimera-skill-publisher", "chimera-skill-analytics"}

// OIDC is an OIDC provider shared by all tests of this binary; URL is the issuer.
func OIDC(t testing.TB) *parts.Server {
	t.Helper()
	return provider.get(t, "oidc", startOIDC)
}

// ExclusiveOIDC is a provider of this test's own, to stop and restart.
func ExclusiveOIDC(t testing.TB) *parts.Server {
	t.Helper()
	return exclusive(t, "oidc", startOIDC)
}

func startOIDC(ctx context.Context, o parts.Options) (*parts.Server, error) {
	hash, err := oidc.HashPassword(UserPassword)
	if err != nil {
		return nil, err
	}
	var users []oidc.User
	for _, name := range Users {
		users = append(users, oidc.User{Username: name, Sub: "sub-" + name, Email: name + "@example.test", Name: name, PasswordHash: hash})
	}
	clients := []oidc.Client{
		oidc.NativeClient(CLIClient, "Chimera CLI"),
		oidc.WebClient(PlatformClient, "Chimera", ClientSecret, []string{"http://127.0.0.1:3000/auth/callback"}, nil),
	}
	for _, id := range ServiceClients {
		clients = append(clients, oidc.ServiceClient(id, ClientSecret))
	}
	options := parts.OIDCOptions{Options: o, Users: filepath.Join(o.Dir, "users.json"), Clients: filepath.Join(o.Dir, "clients.json")}
	for path, content := range map[string]any{options.Users: users, options.Clients: clients} {
		body, err := json.Marshal(content)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, body, 0o600); err != nil {
			return nil, err
		}
	}
	return parts.OIDC(ctx, options)
}
