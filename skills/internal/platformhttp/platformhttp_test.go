package platformhttp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/platformhttp"
)

func client(t *testing.T) *platformhttp.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return platformhttp.New(&http.Client{Transport: transport}, time.Now)
}

func serve(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestStatusSaysWhetherAnEffectIsPossible(t *testing.T) {
	for _, c := range []struct {
		status       int
		effect, read errs.Kind
	}{
		{400, errs.Invalid, errs.Invalid},
		{401, errs.Unauthenticated, errs.Unauthenticated},
		{404, errs.NotFound, errs.NotFound},
		{422, errs.Invalid, errs.Invalid},
		{429, errs.Throttled, errs.Throttled},
		{408, errs.Unknown, errs.Unavailable},
		{409, errs.Unknown, errs.Unavailable},
		{500, errs.Unknown, errs.Unavailable},
		{502, errs.Unknown, errs.Unavailable},
		{302, errs.Unknown, errs.Invalid},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) })
		for effect, want := range map[bool]errs.Kind{true: c.effect, false: c.read} {
			_, err := client(t).Do(t.Context(), platformhttp.Request{Method: "POST", URL: url, Body: []byte("{}"), Effect: effect})
			var status *platformhttp.StatusError
			require.ErrorAs(t, err, &status)
			require.Equal(t, want, status.Typed("").Kind, "status %d, effect %v", c.status, effect)
		}
	}
}

func TestRefusedConnectionIsCertainlyWithoutEffect(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = client(t).Do(t.Context(), platformhttp.Request{Method: "POST", URL: "http://" + l.Addr().String(), Effect: true})
	require.Equal(t, errs.Unavailable, errs.KindOf(err))
	require.Equal(t, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, errs.ReasonOf(err))
}

func TestSilenceAfterSendingIsUnknown(t *testing.T) {
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a client's leaving only once the body is read
		<-r.Context().Done()
	})
	for effect, want := range map[bool]errs.Kind{true: errs.Unknown, false: errs.Timeout} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := client(t).Do(ctx, platformhttp.Request{Method: "POST", URL: url, Body: []byte("x"), Effect: effect})
		cancel()
		require.Equal(t, want, errs.KindOf(err))
	}
}

// The planted fault is net/http's own: with GetBody kept, this server sees the post twice.
func TestLostConnectionNeverPostsTwice(t *testing.T) {
	var posts atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			return
		}
		posts.Add(1)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	})
	c := client(t)
	_, err := c.Do(t.Context(), platformhttp.Request{Method: "GET", URL: url}) // so that the post meets a reused connection
	require.NoError(t, err)
	_, err = c.Do(t.Context(), platformhttp.Request{
		Method: "POST", URL: url, Body: []byte("status=x"), Effect: true,
		Header: http.Header{"Idempotency-Key": {"3l2k"}},
	})
	require.Equal(t, errs.Unknown, errs.KindOf(err))
	require.Equal(t, int32(1), posts.Load())
}

func TestTornOrEndlessAnswers(t *testing.T) {
	torn := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		_ = rw.Flush()
	})
	_, err := client(t).Do(t.Context(), platformhttp.Request{Method: "POST", URL: torn, Effect: true})
	require.Equal(t, errs.Unknown, errs.KindOf(err))

	endless := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat("a", 64<<10))
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err = client(t).Do(t.Context(), platformhttp.Request{Method: "GET", URL: endless})
	require.Equal(t, errs.Unavailable, errs.KindOf(err))
}

func TestRedirectIsNotFollowed(t *testing.T) {
	var reached atomic.Bool
	other := serve(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusFound) })
	_, err := client(t).Do(t.Context(), platformhttp.Request{Method: "GET", URL: url, Header: http.Header{"Authorization": {"Bearer t"}}})
	require.Error(t, err)
	require.False(t, reached.Load())
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		key, value string
		want       time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", "Sun, 22 Nov 2026 12:00:30 GMT", 30 * time.Second},
		{"Retry-After", "99999999", 24 * time.Hour},
		{"Retry-After", "-4", time.Second},
		{"RateLimit-Reset", "1795348860", time.Minute},
		{"X-RateLimit-Reset", "2026-11-22T12:03:00.123456Z", 3*time.Minute + 123456*time.Microsecond},
		{"X-RateLimit-Reset", "soon", time.Minute},
	} {
		h := http.Header{}
		h.Set(c.key, c.value)
		require.Equal(t, c.want, platformhttp.RetryAfter(h, now), "%s: %s", c.key, c.value)
	}
	require.Equal(t, time.Minute, platformhttp.RetryAfter(http.Header{}, now))
}
