package perform

import (
	"slices"
	"sync"
	"time"
)

const (
	// unheardFor is how long a published result may lie unread without being remembered here: many times what the
	// orchestrator takes to read it, and less than a stop may take.
	unheardFor = 2 * time.Second
	// maxUnheard bounds what is remembered; the newest stay, for they are the least likely to have been read.
	maxUnheard = 2048
)

// unheard is the runs whose results went out a moment ago. Should the bus go away before the orchestrator has read them, only
// the heartbeat can tell that these calls are over (decision 0092).
type unheard struct {
	// away tells whether the bus cannot be read just now, without asking it.
	away func() bool

	mu   sync.Mutex
	runs []published
}

type published struct {
	run *run
	at  time.Time
}

func (u *unheard) add(r *run) {
	now := time.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	old := 0
	for old < len(u.runs) && (len(u.runs)-old >= maxUnheard || (now.Sub(u.runs[old].at) > unheardFor && !u.away())) {
		old++
	}
	clear(u.runs[:old])
	u.runs = append(u.runs[old:], published{r, now})
}

// all answers the runs to be told of: none while the bus is there.
func (u *unheard) all() (runs []*run) {
	if !u.away() {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.runs = slices.DeleteFunc(u.runs, func(p published) bool { return p.run.lost() })
	for _, p := range u.runs {
		runs = append(runs, p.run)
	}
	return runs
}

// heard forgets a run that the orchestrator no longer waits for.
func (u *unheard) heard(r *run) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.runs = slices.DeleteFunc(u.runs, func(p published) bool { return p.run == r })
}
