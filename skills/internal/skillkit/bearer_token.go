package skillkit

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// accessToken reports whether a signed token's header says that it is one (RFC 9068).
func accessToken(token string) bool {
	head, _, ok := strings.Cut(token, ".")
	if !ok {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return false
	}
	var h struct {
		Typ string `json:"typ"`
	}
	if json.Unmarshal(raw, &h) != nil {
		return false
	}
	typ := strings.ToLower(strings.TrimPrefix(h.Typ, "application/"))
	return typ == "at+jwt"
}

// spaced lets one request per URL through in a while: go-oidc fetches the key set once for every token with
// an unknown key id, so a flood of forged tokens would be a flood of fetches.
type spaced struct {
	every time.Duration
	next  http.RoundTripper

	mu   sync.Mutex
	last map[string]time.Time
}

var errSpaced = errors.New("fetched a moment ago")

func (s *spaced) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	url := r.URL.String()
	if time.Since(s.last[url]) < s.every {
		s.mu.Unlock()
		return nil, errSpaced
	}
	// Only the issuer's few URLs are ever fetched with this client.
	s.last[url] = time.Now()
	s.mu.Unlock()
	return s.next.RoundTrip(r)
}
