package parts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"chimera/infra/local/internal/install"
)

// Run is one start of a part: a child process, the embedded Redis, or what Managed was given. Stop and Kill return
// when it is gone.
type Run interface {
	PID() int
	Done() <-chan struct{}
	Stop(ctx context.Context) error
	Kill() error
}

// Server is one part. It may be started again after Stop or Kill: same port, same data. All methods are
// safe for concurrent use.
type Server struct {
	Name string
	URL  string // postgres://…, redis://…, http://127.0.0.1:PORT; holds the password where there is one
	Dir  string
	Log  string // log file; "" for an external or in-process server
	Note string // what a person should know about this choice of server; usually ""

	launch func(ctx context.Context) (Run, error)
	mu     sync.Mutex
	run    Run
	unlock func()
}

// External stands for a server that something else runs.
func External(name, url string) *Server { return &Server{Name: name, URL: url} }

// Managed is a part that launch starts: a container, say. launch returns when the part answers at url, is called
// again after each Stop, Kill or crash, and then keeps address and data. dir is this part's own.
func Managed(name, url, dir string, launch func(ctx context.Context) (Run, error)) *Server {
	return &Server{Name: name, URL: url, Dir: dir, launch: launch}
}

// Start starts the part and waits until it answers, for at most a minute. It does nothing if it runs.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.launch == nil {
		return fmt.Errorf("start %s: %w", s.Name, ErrExternal)
	}
	if s.run != nil {
		select {
		case <-s.run.Done():
			s.release()
		default:
			return nil
		}
	}
	unlock, err := install.TryLock(filepath.Join(s.Dir, "lock"))
	if errors.Is(err, install.ErrLocked) {
		return fmt.Errorf("start %s: %s: %w", s.Name, s.Dir, ErrInUse)
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", s.Name, err)
	}
	run, err := s.launch(ctx)
	if err != nil {
		unlock()
		return fmt.Errorf("start %s: %w", s.Name, err)
	}
	s.run, s.unlock = run, unlock
	return nil
}

// Stop ends the part gracefully; SIGKILL when ctx ends or after 20 s, which is an error. It does nothing
// if the part does not run.
func (s *Server) Stop(ctx context.Context) error {
	return s.end("stop", func(r Run) error { return r.Stop(ctx) })
}

// Kill ends the part with SIGKILL, as a crash would, and returns when it is gone.
func (s *Server) Kill() error { return s.end("kill", Run.Kill) }

func (s *Server) end(verb string, how func(Run) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.launch == nil {
		return fmt.Errorf("%s %s: %w", verb, s.Name, ErrExternal)
	}
	if s.run == nil {
		return nil
	}
	defer s.release()
	if err := how(s.run); err != nil {
		return fmt.Errorf("%s %s: %w", verb, s.Name, err)
	}
	return nil
}

func (s *Server) release() {
	s.run = nil
	s.unlock()
}

// PID is the process id, or 0 when the part does not run or has no process of its own.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == nil {
		return 0
	}
	select {
	case <-s.run.Done():
		return 0 // the system may have given the number to another process
	default:
		return s.run.PID()
	}
}

// Done is closed when the current start has ended, for whatever reason; it is nil when nothing runs.
func (s *Server) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == nil {
		return nil
	}
	return s.run.Done()
}
