package sandbox_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox"
)

const (
	controlToken = "control-for-tests"
	blueskyDID   = "did:plc:aaaabbbbccccdddd"
	fediToken    = "fedi-for-tests"
	fediID       = "1001"
)

// clock is the platforms' time, moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// platforms is a running sandbox with one account on each platform.
type platforms struct {
	t     *testing.T
	url   string
	clock *clock
	jwt   string
}

func baseConfig(dir string, c *clock) sandbox.Config {
	return sandbox.Config{DataDir: dir, ControlToken: controlToken, Now: c.now, Accounts: []sandbox.Account{
		{Platform: "bluesky", Handle: "north.test", ID: blueskyDID, Password: "app-pass", DisplayName: "North & Co"},
		{Platform: "bluesky", Handle: "south.test", Password: "other-pass"},
		{Platform: "mastodon", Handle: "north", ID: fediID, Token: fediToken, DisplayName: "North", Bot: true},
		{Platform: "mastodon", Handle: "south", Token: "south-for-tests"},
	}}
}

func start(t *testing.T, change ...func(*sandbox.Config)) *platforms {
	c := &clock{at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	cfg := baseConfig(t.TempDir(), c)
	for _, f := range change {
		f(&cfg)
	}
	return startWith(t, cfg, c)
}

func startWith(t *testing.T, cfg sandbox.Config, c *clock) *platforms {
	server, err := sandbox.New(cfg)
	require.NoError(t, err)
	web := httptest.NewServer(server.Handler())
	t.Cleanup(func() { web.Close(); require.NoError(t, server.Close()) })
	p := &platforms{t: t, url: web.URL, clock: c}
	login := p.call("POST", "/xrpc/com.atproto.server.createSession", "", map[string]string{"identifier": "north.test", "password": "app-pass"})
	require.Equal(t, 200, login.status, login.raw)
	p.jwt = login.text("accessJwt")
	return p
}

type answer struct {
	t      *testing.T
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) text(key string) string { s, _ := a.body[key].(string); return s }

func (p *platforms) request(method, path, token string, body any, header ...string) *http.Request {
	var reader io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		reader, kind = bytes.NewReader(b), "image/png"
	case string:
		reader, kind = strings.NewReader(b), "application/x-www-form-urlencoded"
	default:
		raw, err := json.Marshal(b)
		require.NoError(p.t, err)
		reader, kind = bytes.NewReader(raw), "application/json"
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, reader)
	require.NoError(p.t, err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

var noRedirects = &http.Client{
	Timeout:       10 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (p *platforms) call(method, path, token string, body any, header ...string) answer {
	p.t.Helper()
	got, err := p.try(noRedirects, p.request(method, path, token, body, header...))
	require.NoError(p.t, err)
	return got
}

func (p *platforms) try(client *http.Client, r *http.Request) (answer, error) {
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	got := answer{t: p.t, status: response.StatusCode, header: response.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &got.body) // not every answer is JSON
	return got, err
}

func (p *platforms) control(method, path string, body any) answer {
	p.t.Helper()
	return p.call(method, "/_sandbox/"+path, controlToken, body)
}

func (p *platforms) fault(f map[string]any) {
	p.t.Helper()
	got := p.control("POST", "faults", f)
	require.Equal(p.t, 201, got.status, got.raw)
}

func (p *platforms) creations() int {
	p.t.Helper()
	return int(p.control("GET", "effects", nil).body["total"].(float64))
}

func record(text string, more ...any) map[string]any {
	r := map[string]any{"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-22T09:00:00.000Z"}
	for i := 0; i+1 < len(more); i += 2 {
		r[more[i].(string)] = more[i+1]
	}
	return r
}

const rkey = "3m66mzzabc22k"

func (p *platforms) put(key string, rec map[string]any) answer {
	p.t.Helper()
	return p.call("POST", "/xrpc/com.atproto.repo.putRecord", p.jwt, write(key, rec))
}

func write(key string, rec map[string]any) map[string]any {
	return map[string]any{"repo": blueskyDID, "collection": "app.bsky.feed.post", "rkey": key, "record": rec}
}

func getRecordPath(key string) string {
	return "/xrpc/com.atproto.repo.getRecord?repo=" + blueskyDID + "&collection=app.bsky.feed.post&rkey=" + key
}

func (p *platforms) toot(body any, header ...string) answer {
	p.t.Helper()
	return p.call("POST", "/api/v1/statuses", fediToken, body, header...)
}

func picture(t *testing.T) []byte {
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, image.NewRGBA(image.Rect(0, 0, 3, 2))))
	return out.Bytes()
}

func (p *platforms) uploadMedia(file []byte, description string) answer {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "x.png")
	require.NoError(p.t, err)
	_, err = part.Write(file)
	require.NoError(p.t, err)
	require.NoError(p.t, form.WriteField("description", description))
	require.NoError(p.t, form.Close())
	return p.call("POST", "/api/v2/media", fediToken, body.Bytes(), "Content-Type", form.FormDataContentType())
}

func decodeList(t *testing.T, raw string) (list []map[string]any) {
	require.NoError(t, json.Unmarshal([]byte(raw), &list))
	return list
}
