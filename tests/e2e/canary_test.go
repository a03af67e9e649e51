package e2e_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// canaries: after everything that went before, with debug logging on in every process, no secret stands anywhere in
// clear or in a form in which bytes get written down (R11.4, reliability row 73). Accounts' secrets are in Postgres,
// sealed only.
func canaries(t *testing.T, w *world.World) {
	static := w.StartPlatform(t)
	refusals := provoke(t, w)
	secrets := w.Canaries(t)
	require.GreaterOrEqual(t, len(secrets), 12)
	kinds := sinks(w, refusals, static)
	require.GreaterOrEqual(t, len(kinds), 9)
	search := func() (found []string, texts, bytes int) {
		for kind, collect := range kinds {
			before := texts
			collect(t, func(where string, text []byte) {
				require.NotEmpty(t, text, where)
				texts, bytes = texts+1, bytes+len(text)
				found = append(found, referee.Leaks(kind+": "+where, text, secrets)...)
			})
			require.Greater(t, texts, before, "nothing to look at: %s", kind)
		}
		return found, texts, bytes
	}
	found, texts, bytes := search()
	t.Logf("%d secrets, %d kinds of sinks, %d texts, %d MiB: %d found", len(secrets), len(kinds), texts, bytes>>20, len(found))
	require.Empty(t, found)
	line, err := os.ReadFile(filepath.Join(w.Dir, "logs", "worker-0.log"))
	require.NoError(t, err)
	require.Contains(t, string(line), `"level":"DEBUG"`, "without debug lines this search proves too little")
	nobodyElses(t, w)

	// Planted: a secret that does lie in a log, in a store, in an environment or on a page, in one form or another, is
	// found there.
	planted := leak(t, w, secrets["redis password"])
	found, _, _ = search()
	all := strings.Join(found, "\n")
	for kind, undo := range planted {
		require.Contains(t, all, kind+": ")
		undo()
	}
	require.NotContains(t, all, secrets["redis password"], "a finding never repeats what it found")
}

// leak lets a secret slip out in some places; each is taken back by its function.
func leak(t *testing.T, w *world.World, value string) map[string]func() {
	t.Helper()
	path := filepath.Join(w.Dir, "logs", "planted.log")
	require.NoError(t, os.WriteFile(path, []byte(`{"msg":"dial","auth":"Basic `+base64.StdEncoding.EncodeToString([]byte("default:"+value))+`"}`), 0o600))
	require.NoError(t, w.Streams.Set(t.Context(), "planted", "redis://:"+value+"@127.0.0.1", 0).Err())
	_, err := w.Database.Exec(t.Context(), "create table planted (v bytea)")
	require.NoError(t, err)
	_, err = w.Database.Exec(t.Context(), "insert into planted values ($1)", []byte(value))
	require.NoError(t, err)
	w.StartPlatform(t, "CHIMERA_PLANTED=redis://:"+value+"@127.0.0.1")
	_, err = w.As("ada").CreateAgent(t.Context(), &platformv1.CreateAgentRequest{Name: "planted " + value, Persona: &platformv1.Persona{Voice: "plain", Language: "en"}})
	require.NoError(t, err)
	nothing := func() {} // the world ends after this
	planted := map[string]func(){
		"environments": nothing, "the Platform's pages": nothing,
		"logs of the processes": func() { require.NoError(t, os.Remove(path)) },
		"Redis":                 func() { require.NoError(t, w.Streams.Del(t.Context(), "planted").Err()) },
		"Postgres": func() {
			_, err := w.Database.Exec(t.Context(), "drop table planted")
			require.NoError(t, err)
		},
	}
	if w.Weaviate != nil {
		weaviate(t, w, http.MethodPost, "/objects", map[string]any{
			"class": "ChimeraMemory", "tenant": w.Tenants["aurora"], "properties": map[string]any{"text": hex.EncodeToString([]byte(value)), "kind": "post"},
		})
		planted["Weaviate"] = nothing
	}
	return planted
}

// provoke makes errors out of requests that carry secrets, and feeds that hold some.
func provoke(t *testing.T, w *world.World) (refusals []string) {
	t.Helper()
	refuse := func(err error) {
		require.Error(t, err)
		refusals = append(refusals, fmt.Sprintf("%v %+v", err, err))
	}
	ada, olga := w.As("ada"), w.As("olga")
	r := w.Launch(t, world.Options{})
	account := r.Accounts[0]
	w.Inject(t, "aurora", "task", map[string]any{"payload": "junk, which becomes a dead letter"})
	_, err := ada.ConnectAccount(t.Context(), &platformv1.ConnectAccountRequest{AgentId: "no-uuid", Platform: "bluesky", Handle: "x.test", BaseUrl: w.Sandbox.URL, Secret: w.Plant("secret of an invalid ConnectAccount")})
	refuse(err)
	_, err = ada.ReplaceSecret(t.Context(), &platformv1.ReplaceSecretRequest{AccountId: account.GetId(), StateVersion: account.GetStateVersion() + 7, Secret: w.Plant("secret of a stale ReplaceSecret")})
	refuse(err)
	refused(t, err, typev1.Reason_REASON_STALE_VERSION)
	_, err = w.WithToken(w.Plant("a bearer token that is none")).ListReviews(t.Context(), &platformv1.ListReviewsRequest{})
	refuse(err)
	userinfo := "http://reader:" + w.Plant("password in a feed's URL") + "@" + strings.TrimPrefix(w.Feeds.URL, "http://") + "/private.xml"
	_, err = olga.CreateCampaign(t.Context(), &platformv1.CreateCampaignRequest{
		AgentId: r.AgentID, AccountIds: []string{account.GetId()}, Name: "private feed", Goal: "g", Playbook: "trend-post",
		Parameters: &platformv1.CampaignParameters{Feeds: []string{userinfo}, Slot: r.Campaign.GetParameters().GetSlot()},
	})
	refuse(err)
	ada2, err := ada.ReplaceSecret(t.Context(), &platformv1.ReplaceSecretRequest{AccountId: account.GetId(), StateVersion: account.GetStateVersion(), Secret: w.AccountSecret(account)})
	require.NoError(t, err)
	require.NotContains(t, ada2.String(), w.AccountSecret(account))
	r.ApproveAll(t)
	r.Completed(t)
	return refusals
}

// reading are the RPCs that only tell, by their names.
func reading(pkg protoreflect.FullName) (all []protoreflect.MethodDescriptor) {
	protoregistry.GlobalFiles.RangeFilesByPackage(pkg, func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				m := f.Services().Get(i).Methods().Get(j)
				for _, verb := range []string{"Get", "List", "Watch", "Verify", "Export"} {
					if strings.HasPrefix(string(m.Name()), verb) {
						all = append(all, m)
					}
				}
			}
		}
		return true
	})
	return all
}
