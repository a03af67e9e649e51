package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/infra/local/sandbox"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/mastodon"
	"chimera/skills/internal/skillkit"
	"chimera/skills/internal/skillkit/skillkittest"
)

func harness(t *testing.T, server string, cred *internalv1.Credential) (*skillkittest.Harness, string) {
	c := newCollector(config{AllowHostPorts: []string{strings.TrimPrefix(server, "http://")}}, time.Now)
	h := skillkittest.New(t, "analytics", func(_ context.Context, s *skillkit.Server) error { c.tools(s); return nil })
	cred.BaseUrl = server
	return h, h.Control.AddAccount(cred)
}

func TestToolSnapshots(t *testing.T) {
	h, _ := harness(t, "http://127.0.0.1:1", &internalv1.Credential{})
	skillkittest.Snapshot(t, h.Server, "testdata/tools")
}

func startSandbox(t *testing.T) string {
	s, err := sandbox.New(sandbox.Config{DataDir: t.TempDir(), ControlToken: "control-for-tests", Now: time.Now, Accounts: []sandbox.Account{
		{Platform: "bluesky", Handle: "north.test", Password: "app-pass-north"},
		{Platform: "mastodon", Handle: "north", ID: "1001", Token: "token-of-north"},
	}})
	require.NoError(t, err)
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() { web.Close(); _ = s.Close() })
	return web.URL
}

func engage(t *testing.T, server, post string) {
	body, err := json.Marshal(map[string]any{"post": post, "likes": 3, "reposts": 2, "replies": 1})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+"/_sandbox/engage", strings.NewReader(string(body)))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer control-for-tests")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
}

func TestCountsOfOwnPosts(t *testing.T) {
	server := startSandbox(t)
	t.Run("bluesky", func(t *testing.T) {
		account := bluesky.Account{BaseURL: server, Handle: "north.test", Password: secret.New("app-pass-north")}
		client := bluesky.New(http.DefaultClient, time.Now)
		uris := make([]string, 0, 26)
		for i := range 26 { // one more than a batch
			key := fmt.Sprintf("3jzfcijpj2z%c2", "abcdefghijklmnopqrstuvwxyz"[i])
			record, err := bluesky.NewRecord(bluesky.Post{Text: key}, key)
			require.NoError(t, err)
			stored, err := client.Put(t.Context(), account, key, record)
			require.NoError(t, err)
			uris = append(uris, stored.URI)
		}
		engage(t, server, uris[25])
		h, id := harness(t, server, &internalv1.Credential{Platform: "bluesky", Handle: "north.test", Secret: "app-pass-north"})
		did, _, err := bluesky.ParseURI(uris[0])
		require.NoError(t, err)
		asked := append(uris, "at://"+did+"/app.bsky.feed.post/3jzfcijpj2z22")
		out := skillkittest.Into[Counts](t, h.Call(t, "collect", Query{"bluesky", id, asked}, skillkittest.Account(id)))
		require.Len(t, out.Posts, 26, "an unknown post is left out")
		require.Contains(t, out.Posts, Post{uris[25], 3, 2, 1})
		require.Contains(t, out.Posts, Post{uris[0], 0, 0, 0})
	})
	t.Run("mastodon", func(t *testing.T) {
		account := mastodon.Account{BaseURL: server, Token: secret.New("token-of-north")}
		posted, err := mastodon.New(http.DefaultClient, time.Now).Post(t.Context(), account, "k", mastodon.Status{Text: "x"})
		require.NoError(t, err)
		engage(t, server, posted.ID)
		h, id := harness(t, server, &internalv1.Credential{Platform: "mastodon", Handle: "north", Secret: "token-of-north"})
		out := skillkittest.Into[Counts](t, h.Call(t, "collect", Query{"mastodon", id, []string{posted.URI, "999"}}, skillkittest.Account(id)))
		require.Equal(t, []Post{{posted.URI, 3, 2, 1}}, out.Posts)
	})
}

func TestServerThatDoesNotCountIsDegradedNotFailed(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "createSession") {
			_, _ = w.Write([]byte(`{"did":"d","accessJwt":"a","refreshJwt":"r"}`))
			return
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(web.Close)
	h, id := harness(t, web.URL, &internalv1.Credential{Platform: "bluesky", Handle: "h", Secret: "app-pass-north"})
	r := h.Call(t, "collect", Query{"bluesky", id, []string{"at://d/app.bsky.feed.post/3jzfcijpj2z2a"}}, skillkittest.Account(id))
	require.Empty(t, skillkittest.Into[Counts](t, r).Posts)
	require.Len(t, r.Report.Degraded, 1)
	require.InDelta(t, 1, r.Report.Confidence, 0, "it is certain that there is nothing to count, and no doubt for a person to settle")
}

func TestBadQueries(t *testing.T) {
	h, id := harness(t, "http://127.0.0.1:1", &internalv1.Credential{Platform: "bluesky", Handle: "h", Secret: "app-pass-north"})
	for name, q := range map[string]Query{
		"none":             {"bluesky", id, []string{}},
		"too many":         {"bluesky", id, make([]string, 101)},
		"no uri":           {"bluesky", id, []string{"https://example.org"}},
		"another platform": {"mastodon", id, []string{"1"}},
		"another account":  {"bluesky", "other", []string{"at://d/app.bsky.feed.post/k"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, errs.Invalid, h.Call(t, "collect", q, skillkittest.Account(id)).Err.Kind)
		})
	}
}
