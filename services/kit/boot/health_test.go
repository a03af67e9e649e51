package boot_test

import (
	"context"
	"errors"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/boot"
)

func TestHealthcheckTellsWhatTheProcessSays(t *testing.T) { // R3.3
	var fault error
	ops := httptest.NewServer(boot.Ops(func(context.Context) error { return fault }))
	t.Cleanup(ops.Close)
	_, port, err := net.SplitHostPort(ops.Listener.Addr().String())
	require.NoError(t, err)
	for _, addr := range []string{"0.0.0.0:" + port, ":" + port, "127.0.0.1:" + port, "[::]:" + port} {
		require.NoError(t, boot.Healthcheck(t.Context(), addr, "/readyz"), addr)
	}
	fault = errors.New("the database is away")
	require.ErrorContains(t, boot.Healthcheck(t.Context(), ":"+port, "/readyz"), "the database is away")
	require.NoError(t, boot.Healthcheck(t.Context(), ":"+port, "/healthz"))
	ops.Close()
	require.Error(t, boot.Healthcheck(t.Context(), ":"+port, "/readyz"), "nobody listens")
	require.ErrorContains(t, boot.Healthcheck(t.Context(), "", "/readyz"), "the address to ask")
}

func TestHealthcheckDoesNotWaitForASilentProcess(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, boot.Healthcheck(ctx, silent.Addr().String(), "/readyz"), context.DeadlineExceeded)
}
