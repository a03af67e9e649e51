package world

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/referee"
)

// Sandbox is the control side of the sandbox platforms: their own count of what was posted, and their faults.
type Sandbox struct {
	URL    string
	token  string
	client *http.Client
}

// Fault is one entry of the sandbox's queue of faults.
type Fault struct {
	ID          int64  `json:"id,omitempty"`
	Platform    string `json:"platform,omitempty"`
	Op          string `json:"op,omitempty"`
	Kind        string `json:"kind"`
	Account     string `json:"account,omitempty"`
	Count       int    `json:"count,omitempty"`
	Skip        int    `json:"skip,omitempty"`
	RetryAfterS int    `json:"retry_after_s,omitempty"`
	DelayMS     int    `json:"delay_ms,omitempty"`
	Status      int    `json:"status,omitempty"`
	Variant     string `json:"variant,omitempty"`
	// Rate is the chance per matching request, which Seed makes repeatable; 0 is always.
	Rate float64 `json:"rate,omitempty"`
	Seed uint64  `json:"seed,omitempty"`
}

// Request is one request that a platform received.
type Request struct {
	Platform    string `json:"platform"`
	Op          string `json:"op"`
	Status      int    `json:"status"`
	Traceparent string `json:"traceparent"`
	Account     string `json:"account"`
	Fault       string `json:"fault"`
}

func (s *Sandbox) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// Fail queues a fault and answers how often it has fired so far; it is taken back after the test.
func (s *Sandbox) Fail(t testing.TB, f Fault) (fired func() int) {
	t.Helper()
	var stored Fault
	require.NoError(t, s.do(t.Context(), http.MethodPost, "/_sandbox/faults", f, &stored))
	t.Cleanup(func() {
		_ = s.do(context.Background(), http.MethodDelete, fmt.Sprintf("/_sandbox/faults/%d", stored.ID), nil, nil)
	})
	return func() int {
		var all struct {
			Faults []struct {
				ID    int64
				Fired int
			}
		}
		require.NoError(t, s.do(t.Context(), http.MethodGet, "/_sandbox/faults", nil, &all))
		for _, f := range all.Faults {
			if f.ID == stored.ID {
				return f.Fired
			}
		}
		return 0
	}
}

// Heal takes all faults back.
func (s *Sandbox) Heal(t testing.TB) {
	t.Helper()
	require.NoError(t, s.do(t.Context(), http.MethodDelete, "/_sandbox/faults", nil, nil))
}

// Creations is what the platforms say was ever posted on these accounts.
func (s *Sandbox) Creations(t testing.TB, handles ...string) []referee.Creation {
	t.Helper()
	var all []referee.Creation
	for _, h := range handles {
		var answer struct{ Effects []referee.Creation }
		require.NoError(t, s.do(t.Context(), http.MethodGet, "/_sandbox/effects?account="+h, nil, &answer))
		all = append(all, answer.Effects...)
	}
	return all
}

// AllCreations is what the platforms say was ever posted on any account.
func (s *Sandbox) AllCreations(t testing.TB) []referee.Creation {
	t.Helper()
	var answer struct{ Effects []referee.Creation }
	require.NoError(t, s.do(t.Context(), http.MethodGet, "/_sandbox/effects", nil, &answer))
	return answer.Effects
}

// Requests are the last ones that the platforms received, newest first.
func (s *Sandbox) Requests(t testing.TB) []Request {
	t.Helper()
	var answer struct{ Requests []Request }
	require.NoError(t, s.do(t.Context(), http.MethodGet, "/_sandbox/requests?limit=1000", nil, &answer))
	return answer.Requests
}

// Engage lets readers react to a post.
func (s *Sandbox) Engage(t testing.TB, post string, likes int) {
	t.Helper()
	require.NoError(t, s.do(t.Context(), http.MethodPost, "/_sandbox/engage", map[string]any{"post": post, "likes": likes}, nil))
}

// PostPastTheSystem publishes on a Mastodon account with its own token: what the system must never do, for checks to find.
func (w *World) PostPastTheSystem(t testing.TB, a *platformv1.Account, text string) {
	t.Helper()
	form := url.Values{"status": {text}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.Sandbox.URL+"/api/v1/statuses", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+w.AccountSecret(a))
	res, err := w.plain.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusOK, res.StatusCode)
}

// Eventually waits for something that takes time; what is asked at the end is in the failure.
func Eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			require.FailNow(t, "not in time: "+what, "within %s", within)
		}
	}
}
