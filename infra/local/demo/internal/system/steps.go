package system

import (
	"fmt"
	"sync"
	"time"
)

// steps tells a person how far the start is: steps run side by side and are numbered as they end.
type steps struct {
	say   func(string)
	total int

	mu   sync.Mutex
	done int
}

// patience is how long a step may be silent.
const patience = 15 * time.Second

func (s *steps) do(what string, step func() error) error {
	begin := time.Now()
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(patience):
				s.say(fmt.Sprintf("        waiting until %s (%.0f s)", what, time.Since(begin).Seconds()))
			}
		}
	}()
	if err := step(); err != nil {
		return err
	}
	s.ended(what, begin)
	return nil
}

func (s *steps) ended(what string, begin time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
	s.say(fmt.Sprintf("[%2d/%d] %-58s %5.1f s", s.done, s.total, what, time.Since(begin).Seconds()))
}
