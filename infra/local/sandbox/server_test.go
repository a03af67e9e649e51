package sandbox_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox"
)

func TestRestartKeepsEverything(t *testing.T) {
	dir, c := t.TempDir(), &clock{at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	cfg := baseConfig(dir, c)
	var id, deleted, jwt string
	t.Run("first run", func(t *testing.T) {
		p := startWith(t, cfg, c)
		jwt = p.jwt
		require.Equal(t, 200, p.put(rkey, record("kept")).status)
		require.Equal(t, 200, p.put(rkey, record("kept, changed")).status)
		media := p.uploadMedia(picture(t), "a dot").text("id")
		id = p.toot(map[string]any{"status": "kept", "media_ids": []string{media}}, "Idempotency-Key", "k1").text("id")
		deleted = p.toot(map[string]any{"status": "gone"}).text("id")
		require.Equal(t, 200, p.call("DELETE", "/api/v1/statuses/"+deleted, fediToken, nil).status)
		require.Equal(t, 200, p.control("POST", "engage", map[string]any{"post": id, "likes": 5}).status)
	})
	// Killed in the middle of a line, one longer than what comes next: it was answered to nobody.
	file, err := os.OpenFile(filepath.Join(dir, "posts.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"op":"create","post":{"id":"torn` + strings.Repeat("x", 5000))
	require.NoError(t, err)
	require.NoError(t, file.Close())

	t.Run("second run", func(t *testing.T) {
		p := startWith(t, cfg, c)
		require.Equal(t, 200, p.call("GET", "/xrpc/com.atproto.server.getSession", jwt, nil).status, "sessions outlive a restart")
		require.Contains(t, p.call("GET", getRecordPath(rkey), "", nil).raw, "kept, changed")
		require.NotContains(t, p.put(rkey, record("kept, changed")).body, "commit")
		read := p.call("GET", "/api/v1/statuses/"+id, "", nil)
		require.Equal(t, 5.0, read.body["favourites_count"])
		require.Len(t, read.body["media_attachments"], 1)
		require.Equal(t, 404, p.call("GET", "/api/v1/statuses/"+deleted, "", nil).status)
		require.Equal(t, id, p.toot(map[string]any{"status": "kept"}, "Idempotency-Key", "k1").text("id"))
		require.Equal(t, 3, p.creations())
		require.Greater(t, p.toot(map[string]any{"status": "new"}).text("id"), deleted)
	})
	t.Run("third run reads what the second wrote after the torn line", func(t *testing.T) {
		require.Equal(t, 4, startWith(t, cfg, c).creations())
	})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "posts.jsonl"), []byte("broken\n{}\n"), 0o600))
	_, err = sandbox.New(cfg)
	require.ErrorContains(t, err, "line 1")
}

func TestTwinsAtTheSameMomentMakeOnePost(t *testing.T) {
	p := start(t)
	for _, via := range publishers {
		var group sync.WaitGroup
		for range 10 {
			r := via.request(p)
			group.Go(func() {
				got, err := p.try(noRedirects, r)
				if err != nil || got.status != 200 {
					t.Errorf("%s: %v %s", via.name, err, got.raw)
				}
			})
		}
		group.Wait()
	}
	require.Equal(t, 2, p.creations())
}

func TestControlIsGuarded(t *testing.T) {
	p := start(t)
	require.Equal(t, 401, p.call("GET", "/_sandbox/effects", "", nil).status)
	require.Equal(t, 401, p.call("GET", "/_sandbox/effects", fediToken, nil).status)
	off := start(t, func(c *sandbox.Config) { c.ControlToken = "" })
	require.Equal(t, 403, off.call("GET", "/_sandbox/effects", "", nil).status)

	added := p.control("POST", "accounts", map[string]any{"platform": "mastodon", "handle": "east", "token": "east-for-tests"})
	require.Equal(t, 201, added.status, added.raw)
	require.Equal(t, 200, p.call("GET", "/api/v1/accounts/verify_credentials", "east-for-tests", nil).status)
	listed := p.control("GET", "accounts", nil).raw
	require.Contains(t, listed, "east")
	for _, secret := range []string{"east-for-tests", "app-pass", fediToken} {
		require.NotContains(t, listed+added.raw, secret)
	}
	require.Equal(t, 404, p.control("POST", "engage", map[string]any{"post": "nothing", "likes": 1}).status)
}

func TestRequestsShowTheTrace(t *testing.T) {
	p := start(t)
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	p.toot(map[string]any{"status": "x"}, "traceparent", trace, "Idempotency-Key", "k1")
	last := p.control("GET", "requests?limit=1", nil).body["requests"].([]any)[0].(map[string]any)
	require.Equal(t, []any{trace, "k1", "mastodon", "post.create", "POST", "/api/v1/statuses", "north", 200.0},
		[]any{last["traceparent"], last["idempotency_key"], last["platform"], last["op"], last["method"], last["path"], last["account"], last["status"]})
}

func TestNewRefusesBadConfigByName(t *testing.T) {
	for want, change := range map[string]func(*sandbox.Config){
		"loopback": func(c *sandbox.Config) { c.Listen = "0.0.0.0:7400" },
		"data_dir": func(c *sandbox.Config) { c.DataDir = "" },
		"handle":   func(c *sandbox.Config) { c.Accounts[0].Handle = "no dots" },
		"password": func(c *sandbox.Config) { c.Accounts[0].Password = "" },
		"platform": func(c *sandbox.Config) { c.Accounts[0].Platform = "telegraph" },
	} {
		cfg := baseConfig(t.TempDir(), &clock{})
		change(&cfg)
		_, err := sandbox.New(cfg)
		require.ErrorContains(t, err, want)
	}
	path := filepath.Join(t.TempDir(), "c.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"access_ttl":"90s","typo":1}`), 0o600))
	_, err := sandbox.LoadConfig(path)
	require.ErrorContains(t, err, "typo")
}

func TestRunServesUntilCancelled(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := probe.Addr().String()
	require.NoError(t, probe.Close())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Run(ctx, sandbox.Config{Listen: address, DataDir: t.TempDir()}) }()
	require.Eventually(t, func() bool {
		response, err := http.Get("http://" + address + "/healthz")
		return err == nil && response.Body.Close() == nil && response.StatusCode == 200
	}, 5*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
}
