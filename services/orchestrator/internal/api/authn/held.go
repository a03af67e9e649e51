package authn

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// heldFor is how long a token that held is taken at its word (decision 0084): much shorter than a key is replaced in,
	// and no longer than the token itself lasts.
	heldFor = 30 * time.Second
	// maxHeld bounds what is remembered, in tokens of some 200 B. Only what the issuer signed gets in.
	maxHeld = 10_000
)

// held remembers who the tokens were that held a moment ago, by the digest of the whole token: a client sends one
// hundreds of times, and judging it takes as long as a small transaction.
type held struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]heldToken
}

type heldToken struct {
	identity Identity
	// from and until are the times between which nothing that is judged by the clock can have changed.
	from, until time.Time
}

func (h *held) get(token string, now time.Time) (Identity, bool) {
	key := sha256.Sum256([]byte(token))
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.known[key]
	return t.identity, ok && !now.Before(t.from) && now.Before(t.until)
}

func (h *held) put(token string, t heldToken) {
	key := sha256.Sum256([]byte(token))
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil || len(h.known) >= maxHeld {
		h.known = map[[sha256.Size]byte]heldToken{}
	}
	h.known[key] = t
}
