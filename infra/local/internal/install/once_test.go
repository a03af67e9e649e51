package install

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func silent(string) {}

func TestConcurrentInstallsFillTheFolderOnce(t *testing.T) {
	t.Setenv("CHIMERA_CACHE", t.TempDir())
	var fills atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			dir, err := Once(t.Context(), "thing", "v1", silent, func(dir string) error {
				fills.Add(1)
				time.Sleep(50 * time.Millisecond) // long enough that the others meet the lock
				return os.WriteFile(filepath.Join(dir, "done"), nil, 0o600)
			})
			if err != nil || !exists(filepath.Join(dir, "done")) {
				t.Errorf("got %q, %v", dir, err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, fills.Load())
}

func TestAnInterruptedInstallIsDoneAgainFromNothing(t *testing.T) {
	t.Setenv("CHIMERA_CACHE", t.TempDir())
	broken := errors.New("broken")
	_, err := Once(t.Context(), "thing", "v1", silent, func(dir string) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "half"), nil, 0o600))
		return broken
	})
	require.ErrorIs(t, err, broken)
	dir, err := Once(t.Context(), "thing", "v1", silent, func(string) error { return nil })
	require.NoError(t, err)
	require.False(t, exists(filepath.Join(dir, "half")))
}

func TestAnotherVersionIsAnotherFolder(t *testing.T) {
	t.Setenv("CHIMERA_CACHE", t.TempDir())
	fill := func(string) error { return nil }
	first, err := Once(t.Context(), "thing", "v1", silent, fill)
	require.NoError(t, err)
	second, err := Once(t.Context(), "thing", "v2", silent, fill)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
}

func TestWaitingForAnInstallSaysSoAndEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	release, err := TryLock(path)
	require.NoError(t, err)
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	said := 0
	_, err = lock(ctx, path, func(string) { said++ })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 1, said)
}

func TestAFailedStepQuotesTheEndOfItsLog(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	err := Run(t.Context(), t.TempDir(), log, nil, "sh", "-c", "echo the reason; exit 3")
	require.ErrorContains(t, err, "the reason")
	err = Run(t.Context(), t.TempDir(), log, nil, "no-such-tool")
	require.ErrorIs(t, err, ErrTool)
}
