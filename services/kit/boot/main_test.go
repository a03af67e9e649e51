package boot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
)

func TestExitCodes(t *testing.T) {
	t.Cleanup(func() { slog.SetDefault(slog.Default()) })
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, tc := range map[string]struct {
		ctx   context.Context
		level string
		err   error
		want  int
	}{
		"done":               {context.Background(), "", nil, exitOK},
		"stopped":            {ended, "debug", fmt.Errorf("serve: %w", context.Canceled), exitOK},
		"cancelled by whom?": {context.Background(), "", context.Canceled, exitFailed},
		"failed":             {context.Background(), "", errors.New("boom"), exitFailed},
		"wrong config":       {context.Background(), "", errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_X is not set"), exitConfig},
		"wrong level":        {context.Background(), "loud", nil, exitConfig},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.Equal(t, tc.want, runMain(tc.ctx, &out, tc.level, "svc", func(context.Context, *slog.Logger) error { return tc.err }))
			require.Contains(t, out.String(), `"service":"svc"`)
		})
	}
}

func TestPanicIsLoggedWithoutItsSecret(t *testing.T) {
	secret.New("panic-canary-77")
	var out bytes.Buffer
	code := runMain(context.Background(), &out, "", "svc", func(context.Context, *slog.Logger) error {
		panic(fmt.Errorf("cannot log in with panic-canary-77"))
	})
	require.Equal(t, exitPanic, code)
	require.Contains(t, out.String(), "cannot log in")
	require.Contains(t, out.String(), "main_test.go", "the stack leads to the place")
	require.NotContains(t, out.String(), "canary-77")
}

// The real Main in a real process: one SIGTERM ends ctx and the exit is clean.
func TestMainStopsOnSignal(t *testing.T) {
	if os.Getenv("BOOT_TEST_CHILD") == "1" {
		Main("child", func(ctx context.Context, log *slog.Logger) error {
			log.Info("waiting")
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Second):
				return errors.New("no signal came")
			}
		})
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMainStopsOnSignal$")
	cmd.Env = append(os.Environ(), "BOOT_TEST_CHILD=1")
	errOut, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	buf := make([]byte, 4096)
	n, err := errOut.Read(buf)
	require.NoError(t, err)
	require.Contains(t, string(buf[:n]), "waiting")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	n, _ = errOut.Read(buf)
	require.True(t, strings.Contains(string(buf[:n]), "stopped"), string(buf[:n]))
	require.NoError(t, cmd.Wait(), "exit code 0")
}
