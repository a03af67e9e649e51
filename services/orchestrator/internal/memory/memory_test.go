package memory_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/infra/local/parts"
	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/services/orchestrator/internal/memory"
)

func TestMain(m *testing.M) { partstest.Main(m) }

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func scope() tenancy.Scope {
	return tenancy.Scope{Tenant: tenancy.ID(uuid.NewString()), Actor: "system:test", RequestID: "req-1"}
}

// open waits longer for a connection than production does: the machine under test may be busy.
func open(t *testing.T, server *parts.WeaviateServer) *memory.Memory {
	t.Helper()
	return memory.Open(t.Context(), memory.Config{
		URL: server.URL, APIKey: secret.New(server.APIKey), DialTimeout: 5 * time.Second,
		CallTimeout: 20 * time.Second, RetryAfter: 100 * time.Millisecond,
	}, slog.New(slog.DiscardHandler))
}

func recall(t *testing.T, m *memory.Memory, sc tenancy.Scope, query string) []memory.Item {
	t.Helper()
	items, degraded, err := m.Recall(t.Context(), sc, query, 10)
	require.NoError(t, err)
	require.Empty(t, degraded)
	return items
}

func TestRecallIsScopedToTheTenant(t *testing.T) { // R9.3, R9.4
	m := open(t, partstest.Weaviate(t))
	ok, detail := m.Healthy(t.Context())
	require.True(t, ok, detail)
	one, two := scope(), scope()
	// The same text under the same id: only the tenant differs.
	item := memory.Item{ID: uuid.New(), Text: "Single-origin coffee from Huila sold out in two days.", Kind: "post", Tainted: true, At: at}
	require.NoError(t, m.Remember(t.Context(), one, item))
	require.NoError(t, m.Remember(t.Context(), one, memory.Item{ID: uuid.New(), Text: "Trail shoes for wet weather.", Kind: "post", At: at}))
	require.Empty(t, recall(t, m, two, "coffee"), "a tenant without memories finds nothing")

	twin := item
	twin.Kind, twin.Tainted = "note", false
	require.NoError(t, m.Remember(t.Context(), two, twin))
	for sc, want := range map[tenancy.Scope]memory.Item{one: item, two: twin} {
		got := recall(t, m, sc, "Who sells COFFEE?")
		require.Len(t, got, 1)
		require.Positive(t, got[0].Score)
		got[0].Score = 0
		require.Equal(t, want, got[0])
	}
	require.Empty(t, recall(t, m, two, "trail shoes"))
}

func TestRememberAgainReplaces(t *testing.T) {
	m, sc := open(t, partstest.Weaviate(t)), scope()
	item := memory.Item{ID: uuid.New(), Text: "espresso first version", Kind: "post", At: at}
	require.NoError(t, m.Remember(t.Context(), sc, item))
	require.NoError(t, m.Remember(t.Context(), sc, item))
	item.Text = "espresso second version"
	require.NoError(t, m.Remember(t.Context(), sc, item))
	got := recall(t, m, sc, "espresso")
	require.Len(t, got, 1)
	require.Equal(t, "espresso second version", got[0].Text)
}

func TestBestMatchComesFirstWithinTheLimit(t *testing.T) {
	m, sc := open(t, partstest.Weaviate(t)), scope()
	for i := range 12 {
		require.NoError(t, m.Remember(t.Context(), sc, memory.Item{ID: uuid.New(), Text: fmt.Sprintf("harvest report number %d", i), Kind: "note", At: at}))
	}
	best := memory.Item{ID: uuid.New(), Text: "harvest festival lanterns", Kind: "note", At: at}
	require.NoError(t, m.Remember(t.Context(), sc, best))
	items, _, err := m.Recall(t.Context(), sc, "harvest lanterns", 3)
	require.NoError(t, err)
	require.Len(t, items, 3)
	require.Equal(t, best.ID, items[0].ID)
	require.GreaterOrEqual(t, items[1].Score, items[2].Score)
}

func TestHostileQueriesAreOnlyWords(t *testing.T) {
	m, sc, other := open(t, partstest.Weaviate(t)), scope(), scope()
	require.NoError(t, m.Remember(t.Context(), sc, memory.Item{ID: uuid.New(), Text: "família café 👩‍👩‍👧 \u0000 tail", Kind: "post", At: at}))
	require.NoError(t, m.Remember(t.Context(), other, memory.Item{ID: uuid.New(), Text: "secretword", Kind: "post", At: at}))
	for _, query := range []string{"café \u200d\u0000\x07\U000e0001", `café"}){text}}`, "café \\", "café \xff\xfe", "café 👩‍👩‍👧"} {
		require.Len(t, recall(t, m, sc, query), 1, "%q", query)
	}
	require.Empty(t, recall(t, m, sc, `x"}, tenant: "`+string(other.Tenant)+`", bm25: {query: "secretword`))
	for _, query := range []string{"", "  ", "!?\"\\"} {
		require.Empty(t, recall(t, m, sc, query), "%q", query)
	}
}

func TestRefusedItems(t *testing.T) {
	m, sc := memory.Open(t.Context(), memory.Config{}, slog.New(slog.DiscardHandler)), scope()
	good := memory.Item{ID: uuid.New(), Text: "x", At: at}
	for name, spoil := range map[string]func(*memory.Item){
		"no id": func(i *memory.Item) { i.ID = uuid.Nil }, "no text": func(i *memory.Item) { i.Text = " \n" },
		"no time": func(i *memory.Item) { i.At = time.Time{} }, "too long": func(i *memory.Item) { i.Text = string(bytes.Repeat([]byte("x"), 16<<10+1)) },
	} {
		item := good
		spoil(&item)
		require.Equal(t, errs.Invalid, errs.KindOf(m.Remember(t.Context(), sc, item)), name)
	}
}

func TestNoTenantIsRefused(t *testing.T) { // R9.4: refused, never "all tenants", in every state of the store
	for name, m := range map[string]*memory.Memory{
		"degraded": memory.Open(t.Context(), memory.Config{}, slog.New(slog.DiscardHandler)),
		"served":   open(t, partstest.Weaviate(t)),
	} {
		for _, tenant := range []tenancy.ID{"", "not-a-uuid", tenancy.ID(uuid.Nil.String())} {
			_, _, err := m.Recall(t.Context(), tenancy.Scope{Tenant: tenant}, "coffee", 5)
			require.Equal(t, typev1.Reason_REASON_TENANT_REQUIRED, errs.ReasonOf(err), "%s %q", name, tenant)
			err = m.Remember(t.Context(), tenancy.Scope{Tenant: tenant}, memory.Item{ID: uuid.New(), Text: "x", At: at})
			require.Equal(t, typev1.Reason_REASON_TENANT_REQUIRED, errs.ReasonOf(err), "%s %q", name, tenant)
		}
	}
}

func TestSurvivesItsServer(t *testing.T) {
	server := partstest.ExclusiveWeaviate(t)
	m, sc := open(t, server), scope()
	item := memory.Item{ID: uuid.New(), Text: "lantern festival", Kind: "post", At: at}
	require.NoError(t, m.Remember(t.Context(), sc, item))
	require.Len(t, recall(t, m, sc, "lantern"), 1)

	require.NoError(t, server.Kill())
	items, degraded, err := m.Recall(t.Context(), sc, "lantern", 5)
	require.NoError(t, err)
	require.Empty(t, items)
	require.Contains(t, degraded, "memory: ")
	require.Equal(t, typev1.Reason_REASON_MEMORY_DEGRADED, errs.ReasonOf(m.Remember(t.Context(), sc, item)))
	ok, _ := m.Healthy(t.Context())
	require.False(t, ok)

	require.NoError(t, server.Start(context.Background()))
	require.Eventually(t, func() bool {
		items, degraded, err = m.Recall(t.Context(), sc, "lantern", 5)
		return err == nil && degraded == "" && len(items) == 1
	}, 30*time.Second, 50*time.Millisecond, "it is used again without a restart of ours")
	require.Equal(t, item.ID, items[0].ID)
}

func TestWrongKeyDegradesAndSaysSo(t *testing.T) {
	server := partstest.Weaviate(t)
	var logged bytes.Buffer
	m := memory.Open(t.Context(), memory.Config{URL: server.URL, APIKey: secret.New("canary-key-3141"), DialTimeout: 5 * time.Second}, slog.New(slog.NewJSONHandler(&logged, nil)))
	_, degraded, err := m.Recall(t.Context(), scope(), "coffee", 5)
	require.NoError(t, err)
	require.Contains(t, degraded, "API key")
	require.NotContains(t, logged.String()+degraded, "canary-key-3141")
}
