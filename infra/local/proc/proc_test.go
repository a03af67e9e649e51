package proc

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func shell(t *testing.T, script string) (*Process, string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	p, err := Start(Command{Path: "/bin/sh", Args: []string{"-c", script}, Log: log, StopSignal: syscall.SIGTERM, Env: []string{"PATH=/usr/bin:/bin"}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Kill() })
	return p, log
}

func TestStopIsGracefulAndKeepsTheLog(t *testing.T) {
	p, log := shell(t, `trap 'echo tidied; exit 0' TERM; echo up; while :; do sleep 0.05; done`)
	require.Eventually(t, func() bool { body, _ := os.ReadFile(log); return len(body) > 0 }, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, p.Stop(t.Context()))
	body, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, "up\ntidied\n", string(body))
	require.NoError(t, p.Stop(t.Context()), "stopping what has ended is no error")
}

func TestStopKillsWhatDoesNotListenAndSaysSo(t *testing.T) {
	p, log := shell(t, `trap '' TERM; echo up; while :; do sleep 0.05; done`)
	require.Eventually(t, func() bool { body, _ := os.ReadFile(log); return len(body) > 0 }, 5*time.Second, 10*time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, p.Stop(ctx), "was killed")
	<-p.Done()
}

// PostgreSQL's backends leave the group of their parent; a kill is over only when they are gone too.
func TestKillWaitsForChildrenThatLeftTheGroup(t *testing.T) {
	p, _ := shell(t, `setsid sleep 60 & wait`)
	var children []int
	require.Eventually(t, func() bool { children = childrenOf(p.PID()); return len(children) == 1 }, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, p.Kill())
	require.False(t, alive(children[0]))
}

func TestStartOfAProgramThatIsNotThere(t *testing.T) {
	_, err := Start(Command{Path: "/nonexistent", Log: filepath.Join(t.TempDir(), "log"), StopSignal: syscall.SIGTERM})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestALargeLogIsSetAside(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(log, nil, 0o600))
	require.NoError(t, os.Truncate(log, logMax+1))
	p, err := Start(Command{Path: "/bin/true", Log: log, StopSignal: syscall.SIGTERM})
	require.NoError(t, err)
	<-p.Done()
	info, err := os.Stat(log)
	require.NoError(t, err)
	require.Zero(t, info.Size())
	require.FileExists(t, log+".1")
}
