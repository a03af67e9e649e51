package world

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ticks is the unit of the kernel's times on every Linux that Go runs on.
const ticks = 100

// PostgresCPU is what Postgres has used of the processors since it was started, its ended sessions included.
func (w *World) PostgresCPU(t testing.TB) time.Duration {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	main := w.Postgres.PID()
	require.NotZero(t, main, "Postgres does not run")
	var sum int64
	seen := false
	for _, path := range stats {
		pid, parent, own, children, err := processorTime(path)
		if err != nil || (pid != main && parent != main) {
			continue // it has ended, or is no part of Postgres
		}
		sum += own
		if pid == main {
			seen, sum = true, sum+children
		}
	}
	require.True(t, seen, "Postgres is not among the processes")
	return time.Duration(sum) * time.Second / ticks
}

// processorTime reads a process's own time, and that of its ended children it has waited for, in ticks.
func processorTime(path string) (pid, parent int, own, children int64, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, 0, 0, err
	}
	// The name, in parentheses, may hold anything.
	head, rest, _ := strings.Cut(string(raw), " (")
	fields := strings.Fields(rest[strings.LastIndex(rest, ")")+1:])
	if len(fields) < 15 {
		return 0, 0, 0, 0, fmt.Errorf("%s has %d fields", path, len(fields))
	}
	var n [4]int64
	for i := range n {
		if n[i], err = strconv.ParseInt(fields[11+i], 10, 64); err != nil {
			return 0, 0, 0, 0, err
		}
	}
	if pid, err = strconv.Atoi(head); err != nil {
		return 0, 0, 0, 0, err
	}
	parent, err = strconv.Atoi(fields[1])
	return pid, parent, n[0] + n[1], n[2] + n[3], err
}
