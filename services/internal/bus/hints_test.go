package bus_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
)

func listen(t *testing.T, b *bus.Bus) (*seen[string], *atomic.Bool) {
	t.Helper()
	heard, up := &seen[string]{}, &atomic.Bool{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.SubscribeHints(ctx, func(h []byte) { heard.add(string(h)) }, up.Store) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			require.NoError(t, err)
		case <-time.After(wait):
			t.Fatal("the subscription outlives its context")
		}
	})
	require.Eventually(t, up.Load, wait, 5*time.Millisecond)
	return heard, up
}

// TestHintsReachEveryProcess (R12.5): what one replica publishes all of them hear.
func TestHintsReachEveryProcess(t *testing.T) {
	address := partstest.Redis(t).URL
	one, two := bustest.Open(t, address), bustest.Open(t, address)
	first, _ := listen(t, one)
	second, _ := listen(t, two)
	// Redis is shared with other tests: only ours counts.
	mine := "hint-of-" + t.Name()
	require.NoError(t, one.PublishHints(t.Context(), [][]byte{[]byte(mine)}))
	for _, heard := range []*seen[string]{first, second} {
		require.Eventually(t, func() bool { return slices.Contains(heard.list(), mine) }, wait, 5*time.Millisecond)
	}
}

// TestHintsComeBackAfterAnOutage: with Redis away publishing fails at once and the listener is told; both go on
// by themselves when it is back.
func TestHintsComeBackAfterAnOutage(t *testing.T) {
	server := partstest.ExclusiveRedis(t)
	b := bustest.Open(t, server.URL)
	heard, up := listen(t, b)
	require.NoError(t, server.Kill())
	require.Eventually(t, func() bool { return !up.Load() }, wait, 5*time.Millisecond)
	start := time.Now()
	require.Error(t, b.PublishHints(t.Context(), [][]byte{[]byte("lost")}))
	require.Less(t, time.Since(start), 3*time.Second)
	require.NoError(t, server.Start(t.Context()))
	require.Eventually(t, up.Load, wait, 5*time.Millisecond)
	require.NoError(t, b.PublishHints(t.Context(), [][]byte{[]byte("again")}))
	require.Eventually(t, func() bool { return slices.Contains(heard.list(), "again") }, wait, 5*time.Millisecond)
	require.NotContains(t, heard.list(), "lost", "hints are not kept")
}
