package mastodon_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/skills/internal/mastodon"
)

func TestSameTextSurvivesRendering(t *testing.T) {
	for content, text := range map[string]string{
		`<p>plain</p>`: "plain",
		`<p>a &amp; b &lt;c&gt;</p><p>second<br>line<br />more</p>`: "a & b <c>\n\nsecond\nline\nmore",
		`<p>see <a href="https://example.org/long"><span class="invisible">https://</span><span class="ellipsis">example.org/lo</span><span class="invisible">ng</span></a> ok</p>`: "see https://example.org/long ok",
		`<p><a href="/tags/köln" class="mention hashtag" rel="tag">#<span>Köln</span></a></p>`:                                                                                      "#Köln",
		`<p>hi <span class="h-card"><a href="https://other.example/@ann">@<span>ann</span></a></span>!</p>`:                                                                         "hi @ann@other.example!",
		"<p>Ko\u0308ln</p>": "Köln",
	} {
		require.True(t, mastodon.SameText(content, text), "%q is %q", mastodon.PlainText(content), text)
	}
	require.False(t, mastodon.SameText("<p>one</p>", "one two"))
	require.Equal(t, "a\n\nb", mastodon.PlainText("<p>a</p><p>b</p>"))
}

type handler func(w http.ResponseWriter, r *http.Request)

// inMemory answers without a network, so that time can stand still.
func inMemory(h handler) *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h(w, r)
		return w.Result(), nil
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

var account = mastodon.Account{BaseURL: "https://social.example", Token: secret.New("token-of-a-test")}

func TestUploadWaitsForProcessingWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var polls atomic.Int32
		done := int32(3)
		c := mastodon.New(inMemory(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusAccepted)
			} else if polls.Add(1) < done {
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = w.Write([]byte(`{"id":"7","url":null}`))
		}), time.Now)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		id, err := c.Upload(ctx, account, []byte("x"), "image/png", "alt")
		require.NoError(t, err)
		require.Equal(t, "7", id)
		require.Equal(t, int32(3), polls.Load())

		done = 1 << 30
		polls.Store(0)
		_, err = c.Upload(ctx, account, []byte("x"), "image/png", "alt")
		require.Equal(t, errs.Timeout, errs.KindOf(err))
		require.Equal(t, int32(30), polls.Load())

		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, err = c.Upload(short, account, []byte("x"), "image/png", "alt")
		require.Equal(t, errs.Timeout, errs.KindOf(err))
	})
}

func TestThrottledByResetTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	c := mastodon.New(inMemory(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Reset", "2026-11-22T12:02:30.5Z")
		w.WriteHeader(http.StatusTooManyRequests)
	}), func() time.Time { return now })
	_, err := c.Post(t.Context(), account, "key", mastodon.Status{Text: "x"})
	require.Equal(t, errs.Throttled, errs.KindOf(err))
	require.Equal(t, 150500*time.Millisecond, errs.As(err).RetryAfter)
}

func TestInstanceIsReadOncePerHour(t *testing.T) {
	now, reads, tokens := time.Now(), 0, 0
	c := mastodon.New(inMemory(func(w http.ResponseWriter, r *http.Request) {
		reads++
		tokens += len(r.Header.Values("Authorization"))
		_, _ = w.Write([]byte(`{"configuration":{"statuses":{"max_characters":5000,"max_media_attachments":6,"characters_reserved_per_url":25}}}`))
	}), func() time.Time { return now })
	for range 3 {
		limits, err := c.Instance(t.Context(), account)
		require.NoError(t, err)
		require.Equal(t, mastodon.Limits{MaxChars: 5000, MaxMedia: 6, LinkChars: 25}, limits)
	}
	require.Equal(t, 1, reads)
	now = now.Add(2 * time.Hour)
	_, err := c.Instance(t.Context(), account)
	require.NoError(t, err)
	require.Equal(t, 2, reads)
	require.Zero(t, tokens, "the answer is shared: no account's token goes along")
}

// Two tokens on one server are two accounts.
func TestSelfIsPerToken(t *testing.T) {
	c := mastodon.New(inMemory(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"id":%q}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer token-"))
	}), time.Now)
	for _, want := range []string{"one", "two", "one"} {
		self, err := c.VerifyCredentials(t.Context(), mastodon.Account{BaseURL: "https://social.example", Token: secret.New("token-" + want)})
		require.NoError(t, err)
		require.Equal(t, want, self.ID)
	}
	_, err := c.VerifyCredentials(t.Context(), mastodon.Account{BaseURL: "https://social.example"})
	require.Equal(t, typev1.Reason_REASON_CREDENTIAL_DEAD, errs.ReasonOf(err))
}

// An account that posts without end must not be read without end, and then absence is not claimed.
func TestOwnSinceIsBoundedAndSaysSo(t *testing.T) {
	pages := 0
	endless := true
	c := mastodon.New(inMemory(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "verify_credentials") {
			_, _ = w.Write([]byte(`{"id":"1"}`))
			return
		}
		pages++
		at := "2026-11-22T12:00:00Z"
		if !endless {
			at = "2020-01-01T00:00:00Z"
		}
		_, _ = fmt.Fprintf(w, `[{"id":"%d","created_at":%q}]`, 1000-pages, at)
	}), time.Now)
	since := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	own, complete, err := c.OwnSince(t.Context(), account, since)
	require.NoError(t, err)
	require.False(t, complete)
	require.Len(t, own, 5)
	endless = false
	own, complete, err = c.OwnSince(t.Context(), account, since)
	require.NoError(t, err)
	require.True(t, complete)
	require.Empty(t, own)
}

func TestIDsCannotLeaveTheirPath(t *testing.T) {
	id, err := mastodon.IDOf("https://social.example/users/a/statuses/01ABC")
	require.NoError(t, err)
	require.Equal(t, "01ABC", id)
	for _, bad := range []string{"", "..", "1?x=y", "a/", "1%2f2", strings.Repeat("1", 65)} {
		_, err := mastodon.IDOf(bad)
		require.Equal(t, errs.Invalid, errs.KindOf(err), bad)
	}
}
