// Package fault makes the sandbox platforms fail on demand, as real ones do.
package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	RateLimit           = "rate_limit"
	TimeoutAfterSuccess = "timeout_after_success"
	DropAfterSuccess    = "drop_after_success"
	Error500Before      = "error_500_before"
	Error500After       = "error_500_after"
	DeadToken           = "dead_token"
	Slow                = "slow"

	// These three are taken by the operation itself, where it knows enough to act them out.
	ErrorOnExistingKey = "error_on_existing_key"
	ReadLag            = "read_lag"
	MediaProcessing    = "media_processing"
)

var (
	aroundKinds = []string{RateLimit, TimeoutAfterSuccess, DropAfterSuccess, Error500Before, Error500After, DeadToken, Slow}
	insideKinds = []string{ErrorOnExistingKey, ReadLag, MediaProcessing}
)

const (
	maxQueued = 1000
	maxDelay  = 2 * time.Minute
)

// Fault is one entry of the queue.
type Fault struct {
	ID          int64   `json:"id"`
	Platform    string  `json:"platform"` // "" or "*": any
	Op          string  `json:"op"`       // "" or "*": any
	Kind        string  `json:"kind"`
	Account     string  `json:"account,omitempty"` // handle or id; "": any
	Count       int     `json:"count"`             // firings left to give; 0 with a Rate: no end
	Skip        int     `json:"skip,omitempty"`    // matching requests to let pass first
	RetryAfterS int     `json:"retry_after_s,omitempty"`
	DelayMS     int     `json:"delay_ms,omitempty"`
	Status      int     `json:"status,omitempty"`  // of the error kinds: 500…599
	Variant     string  `json:"variant,omitempty"` // dead_token: invalid or expired
	Rate        float64 `json:"rate,omitempty"`    // 0: always; else the chance per matching request
	Seed        uint64  `json:"seed,omitempty"`    // makes the chances repeatable
	Fired       int     `json:"fired"`

	chance *rand.Rand
}

// Delay is what DelayMS says, or otherwise.
func (f Fault) Delay(otherwise time.Duration) time.Duration {
	if f.DelayMS == 0 {
		return otherwise
	}
	return time.Duration(f.DelayMS) * time.Millisecond
}

// Target is a request as faults see it.
type Target struct {
	Platform, Op, AccountID, Handle string
	Authenticated                   bool // a token came with it
}

// Queue holds the faults that are still to happen; safe for concurrent use.
type Queue struct {
	mu     sync.Mutex
	faults []*Fault
	nextID int64
}

// Add validates f, gives it its ID and defaults, and queues it. Errors name the wrong field.
func (q *Queue) Add(f Fault) (Fault, error) {
	if err := f.complete(); err != nil {
		return Fault{}, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.faults) >= maxQueued {
		return Fault{}, fmt.Errorf("%d faults are queued: clear them first", maxQueued)
	}
	q.nextID++
	f.ID, f.Fired = q.nextID, 0
	q.faults = append(q.faults, &f)
	return f, nil
}

func (f *Fault) complete() error {
	if !slices.Contains(aroundKinds, f.Kind) && !slices.Contains(insideKinds, f.Kind) {
		return fmt.Errorf("kind %.40q is unknown; known: %v %v", f.Kind, aroundKinds, insideKinds)
	}
	if f.Status == 0 {
		f.Status = 500
	}
	if f.Variant == "" {
		f.Variant = "invalid"
	}
	if f.Count == 0 && f.Rate == 0 {
		f.Count = 1
	}
	switch {
	case f.Status < 500 || f.Status > 599:
		return fmt.Errorf("status %d must be 500 to 599", f.Status)
	case f.Variant != "invalid" && f.Variant != "expired":
		return fmt.Errorf("variant %.40q must be invalid or expired", f.Variant)
	case f.Rate < 0 || f.Rate > 1:
		return fmt.Errorf("rate %v must be within 0 and 1", f.Rate)
	case f.Count < 0 || f.Skip < 0 || f.RetryAfterS < 0:
		return fmt.Errorf("count, skip and retry_after_s must not be negative")
	case f.DelayMS < 0 || f.Delay(0) > maxDelay:
		return fmt.Errorf("delay_ms %d must be within 0 and %d", f.DelayMS, maxDelay.Milliseconds())
	}
	f.chance = rand.New(rand.NewPCG(f.Seed, 0))
	return nil
}

// Take uses up the first queued fault around a request.
func (q *Queue) Take(t Target) (Fault, bool) {
	return q.take(t, func(f *Fault) bool { return slices.Contains(aroundKinds, f.Kind) })
}

// TakeKind uses up the first queued fault of one kind, for the operation that acts it out.
func (q *Queue) TakeKind(t Target, kind string) (Fault, bool) {
	return q.take(t, func(f *Fault) bool { return f.Kind == kind })
}

func (q *Queue) take(t Target, wanted func(*Fault) bool) (Fault, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range q.faults {
		if !wanted(f) || !f.matches(t) || f.spent() {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Rate > 0 && f.chance.Float64() >= f.Rate {
			continue
		}
		f.Fired++
		return *f, true
	}
	return Fault{}, false
}

func (f *Fault) spent() bool { return f.Count > 0 && f.Fired >= f.Count }

func (f *Fault) matches(t Target) bool {
	if f.Kind == DeadToken && !t.Authenticated {
		return false
	}
	return anyOr(f.Platform, t.Platform) && anyOr(f.Op, t.Op) &&
		(f.Account == "" || f.Account == t.AccountID || f.Account == t.Handle)
}

func anyOr(want, got string) bool { return want == "" || want == "*" || want == got }

// List shows all faults, spent ones too.
func (q *Queue) List() []Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make([]Fault, len(q.faults))
	for i, f := range q.faults {
		all[i] = *f
	}
	return all
}

// Remove drops one fault; Clear drops all.
func (q *Queue) Remove(id int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	before := len(q.faults)
	q.faults = slices.DeleteFunc(q.faults, func(f *Fault) bool { return f.ID == id })
	return len(q.faults) < before
}

func (q *Queue) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.faults = nil
}
