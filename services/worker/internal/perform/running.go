package perform

import (
	"context"
	"sync"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

// run is a claimed task under way.
type run struct {
	item *internalv1.HeartbeatItem
	stop context.CancelCauseFunc

	mu sync.Mutex
	// span is the lease's length, until its end as last extended, by our monotonic clock.
	span  time.Duration
	until time.Time
	gone  bool
	// ended: the call is over, and what is left is to deliver its result.
	ended bool
}

// halted is why a run was stopped from outside.
type halted struct{ reason typev1.Reason }

func (h *halted) Error() string { return "stopped: " + h.reason.String() }

// halt stops a run; with lost set its result no longer counts.
func (r *run) halt(reason typev1.Reason, lost bool) {
	r.mu.Lock()
	r.gone = r.gone || lost
	r.mu.Unlock()
	r.stop(&halted{reason})
}

func (r *run) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

// beat is what a heartbeat says of the run now.
func (r *run) beat() *internalv1.HeartbeatItem {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &internalv1.HeartbeatItem{TenantId: r.item.GetTenantId(), TaskId: r.item.GetTaskId(), Epoch: r.item.GetEpoch(), CallEnded: r.ended}
}

func (r *run) lost() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone || !time.Now().Before(r.until)
}

func (r *run) extend(span time.Duration, from time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.span, r.until = span, from.Add(span)
}

func (r *run) lease() (span time.Duration, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.span, r.until
}

// running is what this worker has claimed and not finished.
type running struct {
	mu   sync.Mutex
	runs map[*run]struct{}
	// news wakes the heartbeat when a run with an earlier lease joins, halted when a call that was stopped has ended.
	news, halted chan struct{}
}

func newRunning() *running {
	return &running{runs: map[*run]struct{}{}, news: make(chan struct{}, 1), halted: make(chan struct{}, 1)}
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *running) add(t *busv1.Task, c *internalv1.ClaimOutcome, span time.Duration, stop context.CancelCauseFunc) *run {
	r := &run{
		item: &internalv1.HeartbeatItem{TenantId: t.GetTenantId(), TaskId: t.GetId(), Epoch: c.GetEpoch()},
		stop: stop, span: span, until: time.Now().Add(span),
	}
	s.mu.Lock()
	s.runs[r] = struct{}{}
	s.mu.Unlock()
	inFlight.Inc()
	wake(s.news)
	return r
}

func (s *running) remove(r *run) {
	s.mu.Lock()
	delete(s.runs, r)
	s.mu.Unlock()
	inFlight.Dec()
}

func (s *running) all() []*run {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*run, 0, len(s.runs))
	for r := range s.runs {
		out = append(out, r)
	}
	return out
}
