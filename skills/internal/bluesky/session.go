package bluesky

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"sync"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/platformhttp"
)

const (
	// maxSessions bounds the cache; the one unused for longest makes room.
	maxSessions = 1000
	// deadFor is how long a refused login is remembered: servers allow 30 logins in 5 minutes, and one wrong
	// password must not use them up.
	deadFor = time.Minute
)

// session is what a login yields. It is replaced, never changed.
type session struct {
	DID        string `json:"did"`
	Handle     string `json:"handle"`
	AccessJWT  string `json:"accessJwt"`
	RefreshJWT string `json:"refreshJwt"`
}

// sessionKey includes the password: whoever knows only a handle must not get another tenant's session.
type sessionKey struct {
	base, handle string
	password     [sha256.Size]byte
}

type slot struct {
	turn    chan struct{} // held while logging in, so that concurrent calls log in once
	used    time.Time
	current *session
	refused error
	until   time.Time
}

type sessions struct {
	mu    sync.Mutex
	slots map[sessionKey]*slot
	now   func() time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{slots: map[sessionKey]*slot{}, now: now}
}

func (s *sessions) slot(a Account) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sessionKey{a.BaseURL, a.Handle, sha256.Sum256([]byte(a.Password.Reveal()))}
	found, ok := s.slots[key]
	if !ok {
		if len(s.slots) >= maxSessions {
			s.evict()
		}
		found = &slot{turn: make(chan struct{}, 1)}
		s.slots[key] = found
	}
	found.used = s.now()
	return found
}

func (s *sessions) evict() {
	var oldest sessionKey
	var at time.Time
	for key, sl := range s.slots {
		if at.IsZero() || sl.used.Before(at) {
			oldest, at = key, sl.used
		}
	}
	delete(s.slots, oldest)
}

// session returns the cached session or logs in.
func (c *Client) session(ctx context.Context, a Account) (*session, error) {
	if a.Password.Empty() {
		return nil, errs.New(errs.Unauthenticated, typev1.Reason_REASON_CREDENTIAL_DEAD, "the account has no credential; connect the account again")
	}
	return c.renewed(ctx, a, nil)
}

// renew replaces a session whose token was refused. If another call has done so already, that one is taken.
func (c *Client) renew(ctx context.Context, a Account, stale *session) (*session, error) {
	return c.renewed(ctx, a, stale)
}

func (c *Client) renewed(ctx context.Context, a Account, stale *session) (*session, error) {
	sl := c.sessions.slot(a)
	select {
	case sl.turn <- struct{}{}:
		defer func() { <-sl.turn }()
	case <-ctx.Done():
		return nil, errs.As(ctx.Err())
	}
	if sl.current != nil && sl.current != stale {
		return sl.current, nil
	}
	now := c.sessions.now()
	if sl.refused != nil && now.Before(sl.until) {
		return nil, sl.refused
	}
	next, err := c.login(ctx, a, stale)
	if err != nil {
		if e := errs.As(err); e.Kind == errs.Unauthenticated {
			sl.current, sl.refused, sl.until = nil, err, now.Add(deadFor)
		} else if e.Kind == errs.Throttled {
			sl.refused, sl.until = err, now.Add(e.RetryAfter)
		}
		return nil, err
	}
	sl.current, sl.refused = next, nil
	return next, nil
}

// login refreshes where it can, because refreshing is not under the tight login limit, and falls back to the
// password when the refresh token is dead too.
func (c *Client) login(ctx context.Context, a Account, stale *session) (*session, error) {
	next := &session{}
	if stale != nil {
		err := c.send(ctx, a, method{nsid: "com.atproto.server.refreshSession", post: true}, stale.RefreshJWT, next)
		if err == nil || !isTokenError(err) {
			return checked(next, typed(err))
		}
	}
	m, err := jsonMethod("com.atproto.server.createSession", map[string]string{"identifier": a.Handle, "password": a.Password.Reveal()}, false)
	if err != nil {
		return nil, errs.As(err)
	}
	err = c.send(ctx, a, m, "", next)
	if status, said, ok := refusal(err); ok && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden) {
		return nil, platformhttp.Dead(status, said.Message).With("platform_error", said.Name)
	}
	return checked(next, typed(err))
}

func checked(s *session, err error) (*session, error) {
	if err != nil {
		return nil, err
	}
	if s.AccessJWT == "" || s.RefreshJWT == "" || s.DID == "" {
		return nil, platformhttp.Garbled(errors.New("login: answer lacks did or tokens"), false)
	}
	return s, nil
}
