// Package workertest gives the worker's tests real surroundings: skills as processes of their own, and an
// orchestrator over HTTP that keeps the inner API's promises strictly.
package workertest

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	buildOnce sync.Once
	binaries  string
	buildErr  error
)

// Binary builds a command of this module once per test binary and returns its path.
func Binary(t testing.TB, pkg string) string {
	t.Helper()
	buildOnce.Do(func() {
		binaries, buildErr = os.MkdirTemp("", "chimera-workertest-")
	})
	require.NoError(t, buildErr)
	path := filepath.Join(binaries, filepath.Base(pkg))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	said, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput()
	require.NoError(t, err, "%s", said)
	return path
}

// FixtureSkill is the package of the fixture skill; it is only named, because skills are no library.
const FixtureSkill = "chimera/skills/internal/skillkit/skillkittest/fixtureskill"

// Process is a child process that ends with the test.
type Process struct {
	Addr string
	cmd  *exec.Cmd
	done chan struct{}
	out  *syncBuffer
}

// Skill starts the fixture skill on HTTP with extra environment and waits until it listens. addr may be that
// of an earlier one that has ended.
func Skill(t testing.TB, addr string, env ...string) *Process {
	t.Helper()
	if addr == "" {
		addr = FreeAddr(t)
	}
	p := Start(t, Binary(t, FixtureSkill), append([]string{"CHIMERA_ADDR=" + addr, "CHIMERA_ALLOW_ANONYMOUS=true", "CHIMERA_RATE_LIMITS=*=1000/s"}, env...)...)
	p.Addr = addr
	require.Eventually(t, func() bool {
		res, err := http.Get("http://" + addr + "/mcp")
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil
	}, 15*time.Second, 20*time.Millisecond, "the skill did not start: %s", p.out)
	return p
}

// Start runs a program with no environment but PATH, HOME and env.
func Start(t testing.TB, program string, env ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(program), done: make(chan struct{}), out: &syncBuffer{}}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, p.cmd.Start())
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(program), p.out)
		}
	})
	return p
}

// Kill ends the process as a crash would, and waits for it.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Stop asks the process to end and waits; it reports whether it did within d.
func (p *Process) Stop(d time.Duration) bool {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	return p.Wait(d)
}

// Wait waits for the process to end by itself and reports whether it did within d.
func (p *Process) Wait(d time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(d):
		return false
	}
}

// Output is what the process has written so far.
func (p *Process) Output() string { return p.out.String() }

// FreeAddr is a loopback address nobody listens on now.
func FreeAddr(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Ledger is a file that the fixture's effect writes to, and how many effects it holds.
func Ledger(t testing.TB) (path string, effects func() []string) {
	path = filepath.Join(t.TempDir(), "ledger")
	return path, func() []string {
		raw, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		require.NoError(t, err)
		return strings.Split(strings.TrimSpace(string(raw)), "\n")
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }
