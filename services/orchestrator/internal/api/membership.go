package api

import (
	"context"
	"sync"
	"time"

	"chimera/services/orchestrator/internal/store"
)

// maxRemembered bounds the cache in subjects.
const maxRemembered = 10_000

// memberships remembers what Postgres said for a short while: a removed member is out within ttl (R13.2), and
// at once in the process that removed them.
type memberships struct {
	store *store.Store
	ttl   time.Duration
	now   func() time.Time

	mu    sync.Mutex
	known map[string]remembered
}

type remembered struct {
	list  []store.Membership
	until time.Time
}

func newMemberships(s *store.Store, ttl time.Duration, now func() time.Time) *memberships {
	return &memberships{store: s, ttl: ttl, now: now, known: map[string]remembered{}}
}

func (m *memberships) of(ctx context.Context, subject string) ([]store.Membership, error) {
	// The answer is as old as its question: the time before the read counts.
	asked := m.now()
	m.mu.Lock()
	r, ok := m.known[subject]
	m.mu.Unlock()
	if ok && asked.Before(r.until) {
		return r.list, nil
	}
	list, err := m.store.Memberships(ctx, subject)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxRemembered {
		clear(m.known)
	}
	m.known[subject] = remembered{list: list, until: asked.Add(m.ttl)}
	return list, nil
}

// forget makes a change of membership effective with the next request.
func (m *memberships) forget(subject string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, subject)
}
