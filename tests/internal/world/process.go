package world

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"chimera/infra/local/proc"
)

const (
	readyWait = 30 * time.Second
	stopWait  = 30 * time.Second // the services drain for up to 25 s
)

// Process is one real program of ours: it can be killed like a machine that loses power, and started again.
type Process struct {
	Name, Path string
	Args, Env  []string
	Log        string // its stdout and stderr, over all its lives
	Ready      string // URL that answers 200 once it is of use

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts the program and waits until it is ready.
func (p *Process) Start(ctx context.Context) error {
	if err := p.Launch(); err != nil {
		return err
	}
	return p.AwaitReady(ctx)
}

// Launch starts the program without waiting for it.
func (p *Process) Launch() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		return fmt.Errorf("%s runs already", p.Name)
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.Env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := proc.Spawn(cmd); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	done := make(chan struct{})
	p.cmd, p.done = cmd, done
	go func() { _ = cmd.Wait(); close(done) }()
	return nil
}

// Respawn starts the program again if it ended by itself, as a supervisor does; it says whether it had.
func (p *Process) Respawn() (had bool, err error) {
	p.mu.Lock()
	if p.cmd == nil {
		p.mu.Unlock()
		return false, nil // killed on purpose: who did that starts it again
	}
	select {
	case <-p.done:
		p.cmd, p.done = nil, nil
		p.mu.Unlock()
		return true, p.Launch()
	default:
		p.mu.Unlock()
		return false, nil
	}
}

// AwaitReady waits until the ready URL answers 200. It fails at once when the process ends instead.
func (p *Process) AwaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	p.mu.Lock()
	done := p.done
	p.mu.Unlock()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Ready, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-done:
			return fmt.Errorf("%s ended before it was ready; its log ends with:\n%s", p.Name, tail(p.Log))
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready in time; its log ends with:\n%s", p.Name, tail(p.Log))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Kill is kill -9: it returns when the process is gone.
func (p *Process) Kill() { p.end(syscall.SIGKILL) }

// Stop asks the process to end, and kills it if it does not.
func (p *Process) Stop() { p.end(syscall.SIGTERM) }

func (p *Process) end(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(signal)
	select {
	case <-p.done:
	case <-time.After(stopWait):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	p.cmd, p.done = nil, nil
}

// tail is the end of a log, for a failure's message.
func tail(path string) []byte {
	raw, err := os.ReadFile(path)
	if err != nil {
		return []byte(err.Error())
	}
	return raw[max(0, len(raw)-3000):]
}

// PID is the process id, 0 when it does not run.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}
