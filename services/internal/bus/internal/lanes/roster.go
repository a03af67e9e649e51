package lanes

import (
	"slices"
	"time"

	"chimera/services/internal/tenancy"
)

// roster is the streams a lane knows, and among them, in turn, those that may have something unread. It
// belongs to the goroutine in Fetch.
type roster struct {
	name      func(tenancy.ID) string
	byTenant  map[tenancy.ID]*stream
	byName    map[string]*stream
	hot       []*stream
	refreshed time.Time
	resynced  time.Time
}

// stream is one tenant's topic.
type stream struct {
	name    string
	score   float64 // of the last publication seen
	grouped bool    // its consumer group is known to exist: one missing group fails the whole read
	broken  bool    // it is no stream at all; left out until the next resync
	hot     bool    // is in roster.hot
	gone    bool    // no longer in the roster
	// quietUntil is how long reclaiming leaves it out, because it was empty; a publication ends that.
	quietUntil time.Time
	cursor     string // where reclaiming goes on
}

func newRoster(name func(tenancy.ID) string) roster {
	return roster{name: name, byTenant: map[tenancy.ID]*stream{}, byName: map[string]*stream{}}
}

// learn takes up new tenants, and marks as hot those with a publication not seen before.
func (r *roster) learn(active map[tenancy.ID]float64) {
	for id, score := range active {
		s := r.byTenant[id]
		if s == nil {
			s = &stream{name: r.name(id)}
			r.byTenant[id], r.byName[s.name] = s, s
		}
		if s.score != score {
			s.score, s.quietUntil = score, time.Time{}
			r.heat(s)
		}
	}
}

// keepOnly drops silent tenants and looks at all others afresh: the net under every wake-up that was missed.
func (r *roster) keepOnly(active map[tenancy.ID]float64) {
	for id, s := range r.byTenant {
		if _, ok := active[id]; !ok {
			s.gone = true
			delete(r.byTenant, id)
			delete(r.byName, s.name)
			continue
		}
		s.broken = false
		r.heat(s)
	}
}

// heat puts a stream at the end of the turn. Going to the back after each read is the whole fairness:
// a tenant with 2,000 entries gets as many turns as one with 5.
func (r *roster) heat(s *stream) {
	if !s.hot && !s.broken && !s.gone {
		s.hot = true
		r.hot = append(r.hot, s)
	}
}

// next takes up to n streams off the turn.
func (r *roster) next(n int) []*stream {
	n = min(n, len(r.hot))
	turn := slices.Clone(r.hot[:n])
	r.hot = r.hot[n:]
	for _, s := range turn {
		s.hot = false
	}
	return slices.DeleteFunc(turn, func(s *stream) bool { return s.broken || s.gone })
}

// watch is what a blocking read waits on: all streams, or the n most recently used ones. Those left out
// are noticed by refresh.
func (r *roster) watch(n int) (streams []*stream, all bool) {
	for _, s := range r.byTenant {
		if !s.broken {
			streams = append(streams, s)
		}
	}
	if len(streams) <= n {
		return streams, true
	}
	slices.SortFunc(streams, func(a, b *stream) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return streams[:n], false
}
