package changes

import (
	"sync"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
)

const (
	// maxWatches bounds the streams of a process, maxOfTenant and maxOfPerson what one may take of them.
	maxWatches  = 800
	maxOfTenant = 300
	maxOfPerson = 20
	fullFor     = 30 * time.Second
)

// Watch is one stream's share of the board. It holds one hint, however slow its reader.
type Watch struct {
	board  *Board
	tenant tenancy.ID
	person string
	ring   chan struct{}

	mu      sync.Mutex
	pending Hint
}

// Watch opens a stream's share. Errors: Throttled when the process, the tenant or the person has too many.
func (b *Board) Watch(tenant tenancy.ID, person string) (*Watch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := 0
	for w := range b.watches[tenant] {
		if w.person == person {
			own++
		}
	}
	if b.total >= maxWatches || len(b.watches[tenant]) >= maxOfTenant || own >= maxOfPerson {
		return nil, errs.New(errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "too many pages are open at once; close some, or look again later").After(fullFor)
	}
	w := &Watch{board: b, tenant: tenant, person: person, ring: make(chan struct{}, 1)}
	if b.watches[tenant] == nil {
		b.watches[tenant] = map[*Watch]struct{}{}
	}
	b.watches[tenant][w] = struct{}{}
	b.total++
	return w, nil
}

// Changed is rung when Take has something.
func (w *Watch) Changed() <-chan struct{} { return w.ring }

// Take answers everything since the last Take.
func (w *Watch) Take() Hint {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.pending
	w.pending = Hint{}
	return h
}

func (w *Watch) offer(h Hint) {
	w.mu.Lock()
	w.pending.merge(h)
	w.mu.Unlock()
	select {
	case w.ring <- struct{}{}:
	default:
	}
}

// Close gives the share back; call it once.
func (w *Watch) Close() {
	b := w.board
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watches[w.tenant], w)
	if len(b.watches[w.tenant]) == 0 {
		delete(b.watches, w.tenant)
	}
	b.total--
}
