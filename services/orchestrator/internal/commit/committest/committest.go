// Package committest runs the path on a real Postgres without a bus: it plays dispatcher, worker and judge by
// calling the same verbs, so that a test can stop between any two of them.
package committest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
	"chimera/services/orchestrator/internal/vault"
)

// password is the same everywhere: roles are the cluster's, and all tests of a run share one.
const password = "for-tests-on-loopback"

// World is one installation with one tenant.
type World struct {
	T        *testing.T
	URL      string
	Store    *store.Store
	Commit   *commit.Committer
	Signer   *grant.Signer
	Operator tenancy.Scope
	Reviewer tenancy.Scope
	Agent    store.Agent
	Account  store.Account

	vault *vault.Vault
	set   commit.Settings
}

// Settings are short enough to wait for in a test.
func Settings() commit.Settings {
	return commit.Settings{Lease: time.Second, EffectCall: 500 * time.Millisecond, GrantTTL: time.Minute, Quiet: 50 * time.Millisecond, MaxLookups: 3, ReviewHold: time.Minute}
}

// New migrates a fresh database and makes a tenant with an agent and a Bluesky account.
func New(t *testing.T, set commit.Settings) *World {
	t.Helper()
	owner := partstest.Database(t)
	require.NoError(t, store.Migrate(t.Context(), owner, store.Roles{AppPassword: password, SystemPassword: password}))
	w := &World{T: t, URL: owner}
	seed := make([]byte, 32)
	_, err := rand.Read(seed)
	require.NoError(t, err)
	w.Signer, err = grant.NewSigner(seed)
	require.NoError(t, err)
	w.Store = OpenStore(t, owner)
	w.vault, err = vault.Open(filepath.Join(t.TempDir(), "identity"))
	require.NoError(t, err)
	w.set = set
	w.Restart()
	w.Operator, w.Reviewer = w.Tenant("aurora")
	w.Agent, w.Account = w.Fleet(w.Operator)
	return w
}

// Restart gives the world a writer that remembers nothing, as after a restart or in another replica.
func (w *World) Restart() {
	w.T.Helper()
	var err error
	w.Commit, err = commit.New(w.Store, w.Signer, nil, w.vault, w.set, slog.New(slog.DiscardHandler))
	require.NoError(w.T, err)
}

// OpenStore connects as the two powerless roles to the database that owner names.
func OpenStore(t *testing.T, owner string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), store.Options{AppURL: as(t, owner, "chimera_app"), SystemURL: as(t, owner, "chimera_system"), MaxConns: 8})
	require.NoError(t, err)
	t.Cleanup(st.Close)
	return st
}

func as(t *testing.T, owner, role string) string {
	u, err := url.Parse(owner)
	require.NoError(t, err)
	u.User = url.UserPassword(role, password)
	return u.String()
}

// Tenant makes one more tenant and answers its operator's and reviewer's scopes.
func (w *World) Tenant(slug string) (operator, reviewer tenancy.Scope) {
	id := tenancy.ID(uuid.Must(uuid.NewV7()).String())
	operator = tenancy.Scope{Tenant: id, Actor: "operator@" + slug, RequestID: "req-" + slug}
	reviewer = tenancy.Scope{Tenant: id, Actor: "reviewer@" + slug, RequestID: "rev-" + slug}
	require.NoError(w.T, w.Commit.CreateTenant(w.T.Context(), operator, slug, slug, []store.Member{{Subject: operator.Actor, Role: "operator"}, {Subject: reviewer.Actor, Role: "reviewer"}}))
	return operator, reviewer
}

// Fleet makes an agent with one Bluesky account.
func (w *World) Fleet(sc tenancy.Scope) (store.Agent, store.Account) {
	ctx := w.T.Context()
	agent, err := w.Commit.CreateAgent(ctx, sc, commit.Idempotency{}, "Barista", &platformv1.Persona{Voice: "warm and short", Language: "en", Topics: []string{"coffee"}})
	require.NoError(w.T, err)
	account, err := w.Commit.ConnectAccount(ctx, sc, commit.Idempotency{}, store.Account{AgentID: agent.ID, Platform: "bluesky", Handle: "barista.test", BaseURL: "http://127.0.0.1:1"}, "app-password-1234")
	require.NoError(w.T, err)
	return agent, account
}

// Start creates and starts a campaign with the given slot.
func (w *World) Start(sc tenancy.Scope, agent store.Agent, account store.Account, slot time.Duration) store.Campaign {
	params := &platformv1.CampaignParameters{Feeds: []string{"http://127.0.0.1:1/feed.xml"}, MetricsAfter: durationpb.New(0)}
	if slot > 0 {
		params.Slot = durationpb.New(slot)
	}
	camp, err := w.Commit.CreateCampaign(w.T.Context(), sc, commit.Idempotency{}, store.Campaign{AgentID: agent.ID, Name: "Morning", Goal: "Tell people about better coffee", Playbook: "trend-post"}, params, []string{account.ID})
	require.NoError(w.T, err)
	camp, err = w.Commit.StartCampaign(w.T.Context(), sc, camp.ID, camp.StateVersion)
	require.NoError(w.T, err)
	return camp.Campaign
}

// Read runs fn on the tenant's data.
func (w *World) Read(sc tenancy.Scope, fn func(ctx context.Context, tx *store.Tx) error) {
	w.T.Helper()
	require.NoError(w.T, w.Store.Read(w.T.Context(), sc, fn))
}

// Exec runs a statement as the database's superuser: to tamper, or to move a clock that a test cannot wait for.
func (w *World) Exec(statement string, args ...any) {
	w.T.Helper()
	db, err := sql.Open("pgx", w.URL)
	require.NoError(w.T, err)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(w.T.Context(), statement, args...)
	require.NoError(w.T, err)
}

// Texts answers a query's only column as the database's superuser: to hold whole rows against each other.
func (w *World) Texts(query string, args ...any) (all []string) {
	w.T.Helper()
	db, err := sql.Open("pgx", w.URL)
	require.NoError(w.T, err)
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(w.T.Context(), query, args...)
	require.NoError(w.T, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		require.NoError(w.T, rows.Scan(&text))
		all = append(all, text)
	}
	require.NoError(w.T, rows.Err())
	return all
}
