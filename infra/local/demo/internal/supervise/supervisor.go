// Package supervise keeps the demo's processes up, starts a crashed one again, and stops them in order.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Service is a process that can be started again. A stopped or crashed one keeps its address and data.
type Service interface {
	// Start returns once the service is ready.
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	// Done is closed when the current start ended; nil when nothing was started.
	Done() <-chan struct{}
}

// Timing is how soon a crashed service is started again, and how long one may take to stop.
type Timing struct {
	First, Most time.Duration // the wait doubles from First to Most
	Steady      time.Duration // after this long up, the wait is First again
	Stop        time.Duration // per stage
}

// DefaultTiming brings a killed process back before a person notices; three stages stop within 20 s.
func DefaultTiming() Timing {
	return Timing{First: 200 * time.Millisecond, Most: 5 * time.Second, Steady: 20 * time.Second, Stop: 6 * time.Second}
}

var errEnded = errors.New("it ended")

type kept struct {
	name    string
	stage   int
	service Service
}

// Supervisor watches what it is given.
type Supervisor struct {
	say    func(string)
	timing Timing
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	kept   []kept
}

// New makes a supervisor that tells a person by say what it does.
func New(say func(string), timing Timing) *Supervisor {
	ctx, cancel := context.WithCancel(context.Background())
	return &Supervisor{say: say, timing: timing, ctx: ctx, cancel: cancel}
}

// Keep watches a service that runs. Higher stages are stopped first; a stage is stopped all at once.
func (s *Supervisor) Keep(stage int, name string, service Service) {
	s.mu.Lock()
	s.kept = append(s.kept, kept{name, stage, service})
	s.mu.Unlock()
	s.wg.Go(func() { s.watch(name, service) })
}

// watch ends with the supervisor.
func (s *Supervisor) watch(name string, service Service) {
	wait := s.timing.First
	for {
		begin := time.Now()
		select {
		case <-service.Done():
		case <-s.ctx.Done():
			return
		}
		if time.Since(begin) > s.timing.Steady {
			wait = s.timing.First
		}
		for cause := errEnded; cause != nil; {
			s.say(fmt.Sprintf("%s: %v; starting it again in %s", name, cause, wait))
			select {
			case <-time.After(wait):
			case <-s.ctx.Done():
				return
			}
			wait = min(2*wait, s.timing.Most)
			if cause = service.Start(s.ctx); s.ctx.Err() != nil {
				return
			}
		}
		s.say(name + ": runs again")
	}
}

// Stop stops the stages from the highest to the lowest. A service that does not stop in time is killed, which is
// part of the error; everything is stopped all the same. ctx ends only the waiting for graceful ends.
func (s *Supervisor) Stop(ctx context.Context) error {
	s.cancel()
	s.wg.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	stages := map[int][]kept{}
	highest := 0
	for _, k := range s.kept {
		stages[k.stage] = append(stages[k.stage], k)
		highest = max(highest, k.stage)
	}
	s.kept = nil
	var problems []error
	for stage := highest; stage >= 0; stage-- {
		problems = append(problems, s.stopAll(ctx, stages[stage])...)
	}
	return errors.Join(problems...)
}

func (s *Supervisor) stopAll(ctx context.Context, stage []kept) []error {
	ctx, cancel := context.WithTimeout(ctx, s.timing.Stop)
	defer cancel()
	problems := make([]error, len(stage))
	var wg sync.WaitGroup
	for i, k := range stage {
		wg.Go(func() {
			if err := k.service.Stop(ctx); err != nil {
				problems[i] = fmt.Errorf("%s: %w", k.name, err)
			}
		})
	}
	wg.Wait()
	return problems
}
