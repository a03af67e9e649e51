package smoke

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/gen/go/chimera/platform/v1/platformv1connect"
)

// loggedIn has a token already, so that a test needs no provider.
func loggedIn(url string) *session {
	id := &identity{token: "t", until: time.Now().Add(time.Hour), tenant: "tenant-1"}
	options := connect.WithInterceptors(connect.UnaryInterceptorFunc(id.authorise))
	return &session{username: "operator", sessions: platformv1connect.NewSessionServiceClient(http.DefaultClient, url, options)}
}

func TestACallIsRepeatedWhileTheServerIsKilledUnderIt(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" || r.Header.Get("Chimera-Tenant") != "tenant-1" {
			w.WriteHeader(http.StatusForbidden)
		}
		switch calls.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2: // killed before the answer
			panic(http.ErrAbortHandler)
		case 3: // killed in the middle of it
			w.Header().Set("Content-Type", "application/proto")
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "\x0a")
			panic(http.ErrAbortHandler)
		default:
			w.Header().Set("Content-Type", "application/proto")
		}
	}))
	t.Cleanup(server.Close)
	_, err := loggedIn(server.URL).sessions.GetSession(t.Context(), &platformv1.GetSessionRequest{})
	require.NoError(t, err)
	require.Equal(t, int32(4), calls.Load())
}

func TestARefusalIsNotRepeated(t *testing.T) {
	for _, code := range []connect.Code{connect.CodePermissionDenied, connect.CodeAborted, connect.CodeInvalidArgument, connect.CodeNotFound} {
		calls := 0
		id := &identity{token: "t", until: time.Now().Add(time.Hour)}
		call := id.authorise(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) {
			calls++
			return nil, connect.NewError(code, errors.New("no"))
		})
		_, err := call(t.Context(), connect.NewRequest(&platformv1.GetSessionRequest{}))
		require.Equal(t, code, connect.CodeOf(err))
		require.Equal(t, 1, calls, code)
	}
}

func TestThePostMustShowTheApprovedText(t *testing.T) {
	pages := map[string]string{
		"/web":   "<html><p>Grind finer &amp; brew <a href=\"/tags/x\">#coffee</a></p></html>",
		"/bare":  `{"uri": "at://x", "value": {"text": "Grind finer & brew #coffee"}}`,
		"/other": "<p>Grind coarser</p>",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(server.Close)
	const text = "Grind finer & brew #coffee"
	require.NoError(t, seen(t.Context(), server.URL+"/web", text))
	require.NoError(t, seen(t.Context(), server.URL+"/bare", text))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, seen(ctx, server.URL+"/other", text), "does not show the approved text")
	require.ErrorContains(t, seen(ctx, server.URL+"/gone", text), "cannot be seen")
}

// Each of these would be a post that looks published and is not what was approved.
func TestAPostThatIsNotWhatItMustBeFails(t *testing.T) {
	good := func() *platformv1.GetPostResponse {
		return &platformv1.GetPostResponse{
			Effect: &platformv1.Effect{State: platformv1.EffectState_EFFECT_STATE_CONFIRMED},
			Post:   &platformv1.Post{Platform: "bluesky", ReadBackMatches: true, ApprovedBy: "demo-reviewer"},
		}
	}
	for want, spoil := range map[string]func(*platformv1.GetPostResponse){
		"not confirmed":         func(p *platformv1.GetPostResponse) { p.Effect.State = platformv1.EffectState_EFFECT_STATE_UNKNOWN },
		"not what was approved": func(p *platformv1.GetPostResponse) { p.Post.ReadBackMatches = false },
		"nobody approved it":    func(p *platformv1.GetPostResponse) { p.Post.ApprovedBy = "" },
	} {
		post := good()
		spoil(post)
		r := &run{Config: Config{Say: func(string) {}}}
		require.ErrorContains(t, r.check(t.Context(), post), want)
	}
}
