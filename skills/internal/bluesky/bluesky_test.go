package bluesky_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/skills/internal/bluesky"
)

func TestFacets(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                     nil,
		"plain":                                nil,
		"see https://example.org.":             {"https://example.org"},
		"(https://example.org/a_(b))":          {"https://example.org/a_(b)"}, // a bracket that the link opened is the link's
		"(https://example.org/a)":              {"https://example.org/a"},
		"👩‍👩‍👧 #Köln!":                         {"#Köln"},
		"#1 #42 #3d":                           {"#3d"},
		"a#b https://example.org/#c":           {"https://example.org/#c"},
		"#a #b":                                {"#a", "#b"},
		"＃日本 and #日本。":                         {"＃日本", "#日本"},
		"# alone, #️⃣":                         nil,
		"#" + strings.Repeat("a", 65) + " #ok": {"#ok"},
	} {
		var marked []string
		for _, f := range bluesky.Facets(text) {
			marked = append(marked, text[f.Index.ByteStart:f.Index.ByteEnd])
		}
		require.Equal(t, want, marked, "%q", text)
	}
}

// Whatever the text: ranges are inside it, in order, apart, and on character borders.
func TestFacetsAreWellFormed(t *testing.T) {
	piece := rapid.SampledFrom([]string{"#", "＃", "a", "1", " ", "\n", "https://x.org", "(", ")", ".", "é", "👩‍👩‍👧", "\ufe0f", "\u200d", "日"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "")
		end := 0
		for _, f := range bluesky.Facets(text) {
			if f.Index.ByteStart < end || f.Index.ByteEnd <= f.Index.ByteStart || f.Index.ByteEnd > len(text) {
				t.Fatalf("%q: range %v after %d", text, f.Index, end)
			}
			if marked := text[f.Index.ByteStart:f.Index.ByteEnd]; !strings.HasPrefix(marked, "http") && !strings.HasPrefix(marked, "#") && !strings.HasPrefix(marked, "＃") {
				t.Fatalf("%q: marks %q", text, marked)
			}
			end = f.Index.ByteEnd
		}
	})
}

func TestBlobNameHoldsTheHash(t *testing.T) {
	sum := sha256.Sum256([]byte("bytes"))
	want := hex.EncodeToString(sum[:])
	blob, err := bluesky.BlobOf(want)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(blob.Ref.Link, "bafkrei"), blob.Ref.Link)
	require.Equal(t, want, blob.SHA256())
	_, err = bluesky.BlobOf("short")
	require.Error(t, err)
	require.Empty(t, bluesky.Blob{}.SHA256())
}

// pds is a server that only knows logins and one read; it counts.
type pds struct {
	mu                sync.Mutex
	logins, refreshes int
	expired           map[string]bool
	limited           bool
}

func (p *pds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fail := func(status int, name string) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":%q,"message":"no"}`, name)
	}
	tokens := func(n string) {
		_, _ = fmt.Fprintf(w, `{"did":"did:plc:x","handle":"h","accessJwt":"access%s","refreshJwt":"refresh%s"}`, n, n)
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch strings.TrimPrefix(r.URL.Path, "/xrpc/") {
	case "com.atproto.server.createSession":
		p.logins++
		var in struct{ Password string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		switch {
		case p.limited:
			w.Header().Set("Retry-After", "9")
			fail(429, "RateLimitExceeded")
		case in.Password != "right":
			fail(401, "AuthenticationRequired")
		default:
			tokens(fmt.Sprint(p.logins))
		}
	case "com.atproto.server.refreshSession":
		p.refreshes++
		if p.expired[token] {
			fail(400, "ExpiredToken")
			return
		}
		tokens("r")
	default:
		if p.expired[token] {
			fail(400, "ExpiredToken")
			return
		}
		_, _ = w.Write([]byte(`{"posts":[{"uri":"at://x","likeCount":3}]}`))
	}
}

func start(t *testing.T) (*pds, *bluesky.Client, bluesky.Account) {
	p := &pds{expired: map[string]bool{}}
	web := httptest.NewServer(p)
	t.Cleanup(web.Close)
	return p, bluesky.New(web.Client(), time.Now), bluesky.Account{BaseURL: web.URL, Handle: "h.test", Password: secret.New("right")}
}

func TestOneLoginForManyCalls(t *testing.T) {
	p, c, a := start(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Counts(t.Context(), a, []string{"at://x"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, p.logins)
}

func TestExpiredSessionIsRefreshedOnce(t *testing.T) {
	p, c, a := start(t)
	_, err := c.DID(t.Context(), a)
	require.NoError(t, err)
	p.expired["access1"] = true
	_, err = c.Counts(t.Context(), a, []string{"at://x"})
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{p.logins, p.refreshes})

	// Both tokens dead: the password still opens.
	p.expired["accessr"], p.expired["refreshr"] = true, true
	_, err = c.Counts(t.Context(), a, []string{"at://x"})
	require.NoError(t, err)
	require.Equal(t, 2, p.logins)

	// Whatever it gets is refused: no loop.
	p.expired["access2"] = true
	p.expired["accessr"] = true
	_, err = c.Counts(t.Context(), a, []string{"at://x"})
	require.Equal(t, typev1.Reason_REASON_CREDENTIAL_DEAD, errs.ReasonOf(err))
}

// R13.1: a handle alone, or a wrong password, never gets the session of who knows the right one.
func TestSessionsAreNotSharedAcrossPasswords(t *testing.T) {
	p, c, a := start(t)
	_, err := c.DID(t.Context(), a)
	require.NoError(t, err)
	for _, password := range []string{"wrong", ""} {
		a.Password = secret.New(password)
		_, err = c.DID(t.Context(), a)
		require.Equal(t, typev1.Reason_REASON_CREDENTIAL_DEAD, errs.ReasonOf(err))
	}
	require.Equal(t, 2, p.logins)
}

func TestRefusedLoginIsRemembered(t *testing.T) {
	p, _, a := start(t)
	now := time.Now()
	c := bluesky.New(http.DefaultClient, func() time.Time { return now })
	a.Password = secret.New("wrong")
	for range 5 {
		_, err := c.DID(t.Context(), a)
		require.Equal(t, typev1.Reason_REASON_CREDENTIAL_DEAD, errs.ReasonOf(err))
	}
	require.Equal(t, 1, p.logins, "five tries must not use up the login limit")
	now = now.Add(2 * time.Minute)
	_, err := c.DID(t.Context(), a)
	require.Error(t, err)
	require.Equal(t, 2, p.logins)

	p.limited = true
	a.Password = secret.New("right")
	for range 3 {
		_, err = c.DID(t.Context(), a)
		require.Equal(t, 9*time.Second, errs.As(err).RetryAfter)
	}
	require.Equal(t, 3, p.logins)
	p.limited = false
	now = now.Add(10 * time.Second)
	_, err = c.DID(t.Context(), a)
	require.NoError(t, err)
}

func TestServerWithoutAppView(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "createSession") {
			_, _ = w.Write([]byte(`{"did":"d","accessJwt":"a","refreshJwt":"r"}`))
			return
		}
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte(`{"error":"UpstreamFailure"}`))
	}))
	t.Cleanup(web.Close)
	_, err := bluesky.New(web.Client(), time.Now).Counts(t.Context(), bluesky.Account{BaseURL: web.URL, Handle: "h", Password: secret.New("right")}, []string{"at://x"})
	require.ErrorIs(t, err, bluesky.ErrNoAppView)
	require.Equal(t, errs.Unavailable, errs.KindOf(err))
}

func TestParseURI(t *testing.T) {
	repo, key, err := bluesky.ParseURI("at://did:plc:x/app.bsky.feed.post/3jzfcijpj2z2a")
	require.NoError(t, err)
	require.Equal(t, []string{"did:plc:x", "3jzfcijpj2z2a"}, []string{repo, key})
	for _, bad := range []string{"", "at://", "https://a/app.bsky.feed.post/k", "at://a/app.bsky.feed.like/k", "at://a/app.bsky.feed.post/k/more", "at:///app.bsky.feed.post/k"} {
		_, _, err := bluesky.ParseURI(bad)
		require.Equal(t, errs.Invalid, errs.KindOf(err), bad)
	}
}
