package authn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// maxDocument bounds a discovery document or a key set, in bytes: go-oidc reads them without limit.
	maxDocument = 256 << 10
	fetchWithin = 5 * time.Second
	// retryAfter is the wait after a failed fetch while no keys are known at all: then nobody can be served.
	retryAfter = 2 * time.Second
)

var (
	// errSpaced: the keys are known and fresh; a token that none of them signed is no reason to ask again.
	errSpaced = errors.New("fetched a moment ago")
	errNoKeys = errors.New("no keys yet, and asked a moment ago")
)

// spaced lets one fetch per URL through in a while. go-oidc fetches the key set for every token with an
// unknown key id, so 10,000 forged tokens would otherwise be 10,000 fetches.
type spaced struct {
	every time.Duration
	now   func() time.Time
	next  http.RoundTripper

	mu    sync.Mutex
	until map[string]time.Time
	had   map[string]bool
}

func (s *spaced) RoundTrip(r *http.Request) (*http.Response, error) {
	url := r.URL.String()
	if err := s.admit(url); err != nil {
		return nil, err
	}
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s answered %s", r.URL.Path, resp.Status)
	}
	s.mu.Lock()
	s.had[url] = true
	s.until[url] = s.now().Add(s.every)
	s.mu.Unlock()
	resp.Body = limited{Reader: io.LimitReader(resp.Body, maxDocument), Closer: resp.Body}
	return resp, nil
}

func (s *spaced) admit(url string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		// Two URLs at most: the issuer's discovery document and its key set.
		s.until, s.had = map[string]time.Time{}, map[string]bool{}
	}
	now := s.now()
	if now.Before(s.until[url]) {
		if s.had[url] {
			return errSpaced
		}
		return errNoKeys
	}
	wait := retryAfter
	if s.had[url] {
		wait = s.every
	}
	s.until[url] = now.Add(wait)
	return nil
}

type limited struct {
	io.Reader
	io.Closer
}

// keySet notes why keys were missing: go-oidc's verifier turns every failure into text.
type keySet struct{ remote *oidc.RemoteKeySet }

type awayKey struct{}

func (k keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, jwt)
	var transport interface{ Timeout() bool } // *url.Error: the fetch failed, the token was not judged
	if away, ok := ctx.Value(awayKey{}).(*bool); ok && errors.As(err, &transport) && !errors.Is(err, errSpaced) {
		*away = true
	}
	return payload, err
}
