package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
	"chimera/infra/local/sandbox"
	"chimera/services/kit/secret"
	"chimera/skills/internal/skillkit"
)

const controlToken = "control-for-tests"

// bench is one server under test, reached through a proxy that can spoil the next answer to a write.
type bench struct {
	pub    *publisher
	site   site
	cred   skillkit.Credential
	direct string // the server's own address
	spoil  atomic.Pointer[spoiler]
}

// spoiler acts on a write after the server has done it.
type spoiler func(w http.ResponseWriter, r *http.Request)

// kills the answer: the client sees the connection close.
func dropAnswer(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func answer500(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

func silence(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// after spoils the answer to the next write.
func (b *bench) after(s spoiler) { b.spoil.Store(&s) }

func newBench(t *testing.T, server string, cred skillkit.Credential) *bench {
	b := &bench{direct: server, cred: cred}
	target, err := url.Parse(server)
	require.NoError(t, err)
	forward := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		write := strings.HasSuffix(r.URL.Path, "putRecord") || r.Method == http.MethodPost && r.URL.Path == "/api/v1/statuses"
		if s := b.spoil.Load(); s != nil && write && b.spoil.CompareAndSwap(s, nil) {
			forward.ServeHTTP(httptest.NewRecorder(), r)
			(*s)(w, r)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	b.cred.AccountID, b.cred.BaseURL = uuid.NewString(), proxy.URL
	b.pub = newPublisher(config{AllowHostPorts: []string{strings.TrimPrefix(proxy.URL, "http://"), strings.TrimPrefix(server, "http://")}}, time.Now)
	b.site = b.pub.sites[cred.Platform]
	return b
}

func startSandbox(t *testing.T, change ...func(*sandbox.Config)) string {
	cfg := sandbox.Config{DataDir: t.TempDir(), ControlToken: controlToken, Now: time.Now, Accounts: []sandbox.Account{
		{Platform: "bluesky", Handle: "north.test", Password: "app-pass-north"},
		{Platform: "mastodon", Handle: "north", ID: "1001", Token: "token-of-north"},
	}}
	for _, f := range change {
		f(&cfg)
	}
	s, err := sandbox.New(cfg)
	require.NoError(t, err)
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() { web.Close(); _ = s.Close() })
	return web.URL
}

func sandboxBluesky(t *testing.T) *bench {
	return newBench(t, startSandbox(t), skillkit.Credential{Platform: "bluesky", Handle: "north.test", Secret: secret.New("app-pass-north")})
}

func sandboxMastodon(t *testing.T, change ...func(*sandbox.Config)) *bench {
	return newBench(t, startSandbox(t, change...), skillkit.Credential{Platform: "mastodon", Handle: "north", Secret: secret.New("token-of-north")})
}

// realBluesky is a real AT Protocol server with the rate limits of a hosted one.
func realBluesky(t *testing.T) *bench {
	required := os.Getenv("CI") == "true" || os.Getenv("CHIMERA_TEST_PDS") == "1"
	if !required && !parts.PDSInstalled() {
		t.Skip("the AT Protocol server is not installed; CHIMERA_TEST_PDS=1 installs it (about 3 CPU-minutes, once)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	server, err := parts.PDS(ctx, parts.PDSOptions{Options: parts.Options{Dir: t.TempDir()}, RateLimits: true})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = server.Stop(ctx)
	})
	account, err := server.CreateAccount(ctx, "north.test", "north@example.test", "a long password of north")
	require.NoError(t, err)
	return newBench(t, server.URL, skillkit.Credential{Platform: "bluesky", Handle: account.Handle, Secret: secret.New("a long password of north")})
}

var ticks atomic.Int64

// newKey is a fresh TID, as the orchestrator mints one.
func newKey() string {
	const alphabet = "234567abcdefghijklmnopqrstuvwxyz"
	bits := uint64(time.Now().UnixMicro()+ticks.Add(1))<<10 | 7
	out := make([]byte, 13)
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = alphabet[bits&31]
		bits >>= 5
	}
	return string(out)
}

func (b *bench) permit(key string, attempt int) skillkit.Permit {
	return skillkit.Permit{PlatformKey: key, Credential: b.cred, Call: &skillkit.Call{AccountID: b.cred.AccountID, Attempt: attempt}}
}

func (b *bench) payload(text string) Payload {
	return complete(Post{Platform: b.cred.Platform, AccountID: b.cred.AccountID, Text: text, Langs: []string{"en"}})
}

// try is one whole Apply.
func (b *bench) try(ctx context.Context, p Payload, key string, attempt int) (Published, error) {
	out, _, err := b.pub.apply(ctx, b.permit(key, attempt), Post(p), Plan{Payload: p})
	return out, err
}

func (b *bench) read(t *testing.T, p Published) Seen {
	seen, err := b.site.read(t.Context(), b.cred, Ref{URI: p.URI, RemoteID: p.RemoteID})
	require.NoError(t, err)
	return seen
}

// picture serves a PNG and returns its media entry and bytes.
func (b *bench) picture(t *testing.T) (Media, []byte) {
	var buf bytes.Buffer
	require.NoError(t, png.Encode(&buf, image.NewGray(image.Rect(0, 0, 32, 16))))
	data := buf.Bytes()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }))
	t.Cleanup(web.Close)
	host := strings.TrimPrefix(web.URL, "http://")
	b.pub.images = newPublisher(config{AllowHostPorts: []string{host}}, time.Now).images
	sum := sha256.Sum256(data)
	return Media{URL: web.URL + "/a.png", SHA256: hex.EncodeToString(sum[:]), MIME: "image/png", Alt: "a grey field", Width: 32, Height: 16}, data
}

// fault asks the sandbox for a fault.
func (b *bench) fault(t *testing.T, fault map[string]any) {
	control(t, b.direct, http.MethodPost, "/_sandbox/faults", fault, nil)
}

func control(t *testing.T, server, method, path string, in, out any) {
	raw, err := json.Marshal(in)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), method, server+path, bytes.NewReader(raw))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+controlToken)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Less(t, res.StatusCode, 300, "%s", answer)
	if out != nil {
		require.NoError(t, json.Unmarshal(answer, out))
	}
}

func get(t *testing.T, address string) []byte {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", body)
	return body
}

func ignoreKeys(c *sandbox.Config) { c.Mastodon.IgnoreIdempotencyKey = true }

func skillCredential(base string) skillkit.Credential {
	return skillkit.Credential{Platform: "bluesky", Handle: "h.test", BaseURL: base}
}
