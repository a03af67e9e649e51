package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"syscall"
	"time"

	"chimera/infra/local/internal/install"
	"chimera/infra/local/proc"
)

// readyWait bounds a start on a busy machine.
const readyWait = time.Minute

// Program is one of our own processes. Its environment is complete: nothing is inherited.
type Program struct {
	Name, Path string
	Args, Env  []string
	Dir, Log   string
	Ready      string // URL that answers 200 once the program is of use

	mu    sync.Mutex
	child *proc.Process
}

// Start starts the program and waits until it is ready; the error of one that is not quotes its log.
func (p *Program) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	child, err := proc.Start(proc.Command{Path: p.Path, Args: p.Args, Env: p.Env, Dir: p.Dir, Log: p.Log, StopSignal: syscall.SIGTERM})
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.child = child
	p.mu.Unlock()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		said, ready := ask(ctx, p.Ready)
		if ready {
			return nil
		}
		select {
		case <-child.Done():
			return fmt.Errorf("%s ended at once (%w); the end of %s:\n%s", p.Name, ended(child), p.Log, install.Tail(p.Log, 1500))
		case <-ctx.Done():
			_ = child.Kill()
			return fmt.Errorf("%s was not ready in time: %s; the end of %s:\n%s", p.Name, said, p.Log, install.Tail(p.Log, 1500))
		case <-tick.C:
		}
	}
}

func ended(child *proc.Process) error {
	if err := child.Err(); err != nil {
		return err
	}
	return errors.New("without an error")
}

// ask tells what a probe said: a readiness endpoint names what it waits for.
func ask(ctx context.Context, url string) (said string, ready bool) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error(), false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error(), false
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 2000))
	return fmt.Sprintf("%s: %s", res.Status, body), res.StatusCode == http.StatusOK
}

func (p *Program) current() *proc.Process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.child
}

// Stop ends the program gracefully; SIGKILL, which is an error, when ctx ends first.
func (p *Program) Stop(ctx context.Context) error {
	child := p.current()
	if child == nil {
		return nil
	}
	return child.Stop(ctx)
}

// Done is closed when the current start has ended; nil when nothing was started.
func (p *Program) Done() <-chan struct{} {
	child := p.current()
	if child == nil {
		return nil
	}
	return child.Done()
}

// PID is the current process's id, or 0 when none runs.
func (p *Program) PID() int {
	child := p.current()
	if child == nil {
		return 0
	}
	select {
	case <-child.Done():
		return 0
	default:
		return child.PID()
	}
}
