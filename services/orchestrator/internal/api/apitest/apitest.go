// Package apitest runs the API over real Postgres, commit and HTTP with a real token issuer, and fills it with
// two tenants whose objects carry the same names.
package apitest

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/boot"
	"chimera/services/kit/grant"
	"chimera/services/kit/secret"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/apitest/issuer"
	"chimera/services/orchestrator/internal/api/authn"
	"chimera/services/orchestrator/internal/changes"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
	"chimera/services/orchestrator/internal/vault"
)

// Roles are a person's, lowest first. Each tenant has a member "<role>@<slug>" for each.
var Roles = []string{"viewer", "operator", "reviewer", "admin"}

// Bench is a running API.
type Bench struct {
	T      testing.TB
	Issuer *issuer.Issuer
	Store  *store.Store
	Commit *commit.Committer
	URL    string
	Log    *Log
	// Deps is what the API is made of.
	Deps api.Deps

	mu sync.Mutex
	// Replayed are the letters given back to the bus.
	replayed []store.DeadLetter
	// Broken, when set, is what the parts behind the API fail with.
	broken error
}

// Log keeps what was logged.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

const password = "for-tests-on-loopback"

// Start runs the API on a fresh database. change may adjust what it is made of.
func Start(t testing.TB, change ...func(*api.Deps)) *Bench {
	t.Helper()
	ctx := t.Context()
	owner := partstest.Database(t)
	require.NoError(t, store.Migrate(ctx, owner, store.Roles{AppPassword: password, SystemPassword: password}))
	s, err := store.Open(ctx, store.Options{AppURL: as(t, owner, "chimera_app"), SystemURL: as(t, owner, "chimera_system"), MaxConns: 8})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	signer, err := grant.NewSigner(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault.age"))
	require.NoError(t, err)
	b := &Bench{T: t, Issuer: issuer.New(t), Store: s, Log: &Log{}}
	log := boot.Logger(b.Log, slog.LevelDebug, "orchestrator", secret.Process())
	b.Commit, err = commit.New(s, signer, nil, v, commit.DefaultSettings(), log)
	require.NoError(t, err)
	verifier, err := authn.New(authn.Config{Issuer: b.Issuer.URL, People: []string{"chimera-cli"}, Workers: []string{"chimera-worker"}, Skills: []string{"chimera-skill"}})
	require.NoError(t, err)
	board := changes.NewBoard(changes.Carrier{}, log)
	b.Commit.Tell(board.Note)
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- board.Run(running) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-ended) })
	d := api.Deps{
		Changes: board, Store: s, Commit: b.Commit, Verifier: verifier, TokenKey: bytes.Repeat([]byte{9}, 32), Log: log,
		Health: func(context.Context) []api.PartHealth { return []api.PartHealth{{Part: "postgres", OK: true}} },
		Replay: b.replay, Recall: b.recall,
	}
	for _, c := range change {
		c(&d)
	}
	b.Deps = d
	h, err := api.Handler(d)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(h)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true) // as boot.Serve does
	server.Start()
	t.Cleanup(server.Close)
	b.URL = server.URL
	return b
}

func as(t testing.TB, owner, role string) string {
	t.Helper()
	u, err := url.Parse(owner)
	require.NoError(t, err)
	u.User = url.UserPassword(role, password)
	return u.String()
}

func (b *Bench) replay(_ context.Context, _ tenancy.Scope, letter store.DeadLetter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replayed = append(b.replayed, letter)
	return b.broken
}

func (b *Bench) recall(_ context.Context, sc tenancy.Scope, query string, limit int) ([]*internalv1.Memory, string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return []*internalv1.Memory{{Id: string(sc.Tenant), Text: query, Score: float64(limit)}}, "", b.broken
}

// Replayed answers the letters given back to the bus.
func (b *Bench) Replayed() []store.DeadLetter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]store.DeadLetter(nil), b.replayed...)
}

// Break makes the parts behind the API fail with err; nil mends them.
func (b *Bench) Break(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = err
}

// As is an HTTP client that sends the token, and the tenant when one is named.
func (b *Bench) As(token, tenant string) *http.Client {
	return &http.Client{Transport: bearer{token: token, tenant: tenant}}
}

// Member is the client of a tenant's member with that role.
func (b *Bench) Member(tenant Tenant, role string) *http.Client {
	return b.As(b.Issuer.Token(b.Issuer.Claims(Subject(role, tenant.Slug))), "")
}

// Service is a service's client.
func (b *Bench) Service(client string) *http.Client {
	return b.As(b.Issuer.Token(b.Issuer.ServiceClaims(client)), "")
}

// Subject is the name of a tenant's member.
func Subject(role, slug string) string { return role + "-at-" + slug }

type bearer struct{ token, tenant string }

func (h bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if h.token != "" {
		r.Header.Set("Authorization", "Bearer "+h.token)
	}
	if h.tenant != "" {
		r.Header.Set(api.TenantHeader, h.tenant)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// NewID is a fresh UUIDv7 that names nothing.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }
