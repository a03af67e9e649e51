package world

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Listener is the host:port that a process itself serves on, past the address before its replicas; an orchestrator's
// inner API is at its name with "-internal".
func (w *World) Listener(name string) string { return w.ports[name] }

// Resident is a process's resident memory in bytes, as the kernel counts it.
func (w *World) Resident(t testing.TB, name string) int64 {
	t.Helper()
	bytes, err := resident(w.Process(name).PID())
	require.NoError(t, err)
	return bytes
}

func resident(pid int) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(raw), &size, &pages); err != nil {
		return 0, err
	}
	return pages * int64(os.Getpagesize()), nil
}

// Peak watches a process's resident memory until stop, which answers the most there was, in bytes.
func (w *World) Peak(t testing.TB, name string) (stop func() int64) {
	t.Helper()
	pid := w.Process(name).PID()
	var most atomic.Int64
	ended, quit := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if now, err := resident(pid); err == nil && now > most.Load() {
				most.Store(now)
			}
			select {
			case <-quit:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(quit); <-ended; return most.Load() }
}
