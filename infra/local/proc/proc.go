// Package proc runs one child process: its output in a log file, in a process group of its own, and
// never outliving this process.
package proc

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// stopWait is how long a graceful stop may take before SIGKILL.
const stopWait = 20 * time.Second

// logMax is the size in bytes past which the log is set aside as .1 at the next start.
const logMax = 8 << 20

// Command says what to run.
type Command struct {
	Path       string
	Args, Env  []string // Env is complete: nothing is inherited
	Dir, Log   string
	StopSignal syscall.Signal
	Credential *syscall.Credential
}

// Process is a started child.
type Process struct {
	cmd  *exec.Cmd
	stop syscall.Signal
	done chan struct{}
	err  error
}

// spawner starts every child from one thread that lives as long as this process. The kernel sends
// Pdeathsig when the *thread* that forked ends, and Go ends threads when it likes.
var spawner = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})

// Spawn starts a command whose Pdeathsig then comes when this process ends, and not before.
func Spawn(cmd *exec.Cmd) error {
	started := make(chan error)
	spawner() <- func() { started <- cmd.Start() }
	return <-started
}

// Start starts the child; it does not wait until the child is of use.
func Start(c Command) (*Process, error) {
	if info, err := os.Stat(c.Log); err == nil && info.Size() > logMax {
		_ = os.Rename(c.Log, c.Log+".1")
	}
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("process log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.Dir, c.Env, log, log
	// Own group: a Ctrl-C in the terminal reaches only the supervisor, which then stops things in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: c.StopSignal, Credential: c.Credential}
	if err := Spawn(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	p := &Process{cmd: cmd, stop: c.StopSignal, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// PID is the child's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is how the child ended; valid once Done is closed.
func (p *Process) Err() error { return p.err }

// Stop asks the child to end and waits; when ctx ends or after 20 s it kills it and says so.
func (p *Process) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	_ = p.cmd.Process.Signal(p.stop)
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		if err := p.Kill(); err != nil {
			return err
		}
		return fmt.Errorf("process %d did not stop in time and was killed", p.PID())
	}
}

// Kill ends the child and its group at once, without any chance to tidy up, and returns when it is gone.
func (p *Process) Kill() error {
	children := childrenOf(p.PID())
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	_ = p.cmd.Process.Kill()
	select {
	case <-p.done:
	case <-time.After(stopWait):
		return fmt.Errorf("process %d survived SIGKILL", p.PID())
	}
	return awaitGone(children)
}
