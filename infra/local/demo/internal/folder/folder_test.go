package folder_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/demo/internal/folder"
)

func open(t *testing.T) folder.Folder {
	t.Helper()
	f, err := folder.Open(t.TempDir())
	require.NoError(t, err)
	return f
}

func TestSecretsAreMadeOnceAndForTheOwnerOnly(t *testing.T) {
	f := open(t)
	made, err := f.Secrets()
	require.NoError(t, err)
	require.NoError(t, made.Make("a", "b"))
	require.Len(t, made.Get("a"), 24)
	require.NotEqual(t, made.Get("a"), made.Get("b"))
	require.Empty(t, made.Get("never made"))

	info, err := os.Stat(f.Path("secrets.json"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	again, err := f.Secrets()
	require.NoError(t, err)
	require.NoError(t, again.Make("a", "c"))
	require.Equal(t, made.Get("a"), again.Get("a"))
}

func TestSecretsThatOthersMayReadAreRefused(t *testing.T) {
	f := open(t)
	made, err := f.Secrets()
	require.NoError(t, err)
	require.NoError(t, made.Make("a"))
	require.NoError(t, os.Chmod(f.Path("secrets.json"), 0o644))
	_, err = f.Secrets()
	require.ErrorContains(t, err, "may be read by others")
}

// A crash in the middle of a write must leave the file before it.
func TestAFileIsReplacedInOneStep(t *testing.T) {
	f := open(t)
	require.NoError(t, os.WriteFile(f.Path("x.new"), []byte("half"), 0o644))
	require.NoError(t, f.Write("x", []byte("whole")))
	info, err := os.Stat(f.Path("x"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the mode of a leftover is not taken over")
	require.NoFileExists(t, f.Path("x.new"))
}

func TestASecondSupervisorIsRefusedWithThePidOfTheFirst(t *testing.T) {
	f := open(t)
	require.Zero(t, f.Running())
	release, err := f.Lock()
	require.NoError(t, err)
	_, err = f.Lock()
	var running *folder.RunningError
	require.ErrorAs(t, err, &running)
	require.Equal(t, os.Getpid(), running.PID)
	require.ErrorContains(t, err, "make down")
	require.Equal(t, os.Getpid(), f.Running())
	release()
	require.Zero(t, f.Running(), "a pid file alone does not count")
}

func TestTheStateOfAKilledDemoIsNotBelieved(t *testing.T) {
	f := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	require.NoError(t, f.Announce(folder.State{PID: os.Getpid() + 1, API: "http://stale"}))
	_, err := f.AwaitReady(ctx)
	require.ErrorContains(t, err, "no demo runs")

	release, err := f.Lock()
	require.NoError(t, err)
	defer release()
	_, err = f.AwaitReady(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded, "the lock's holder has not announced itself")
	require.NoError(t, f.Announce(folder.State{PID: os.Getpid(), API: "http://here"}))
	state, err := f.AwaitReady(t.Context())
	require.NoError(t, err)
	require.Equal(t, "http://here", state.API)
}
