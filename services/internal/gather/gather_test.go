package gather_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/internal/gather"
)

func TestWhatGathersWhileOneRunsGoesTogether(t *testing.T) {
	started, release := make(chan struct{}, 8), make(chan struct{})
	var mu sync.Mutex
	var sizes []int
	g := gather.New(gather.Config{Max: 3}, func(_ context.Context, in []int) ([]int, error) {
		mu.Lock()
		sizes = append(sizes, len(in))
		mu.Unlock()
		started <- struct{}{}
		<-release
		out := make([]int, len(in))
		for i, v := range in {
			out[i] = v * 2
		}
		return out, nil
	})
	var wg sync.WaitGroup
	do := func(v int) {
		wg.Go(func() {
			out, err := g.Do(t.Context(), v)
			require.NoError(t, err)
			require.Equal(t, v*2, out)
		})
	}
	do(1)
	<-started
	for v := 2; v <= 6; v++ {
		do(v)
	}
	require.Eventually(t, func() bool { return g.Waiting() == 5 }, 2*time.Second, time.Millisecond)
	close(release)
	wg.Wait()
	require.Equal(t, []int{1, 3, 2}, sizes)
}

func TestCallerLeavesAndOthersAreServed(t *testing.T) {
	release := make(chan struct{})
	g := gather.New(gather.Config{}, func(ctx context.Context, in []int) ([]int, error) {
		<-release
		return in, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { _, err := g.Do(ctx, 1); gone <- err }()
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
	close(release)
	out, err := g.Do(t.Context(), 7)
	require.NoError(t, err)
	require.Equal(t, 7, out)
}

func TestPanicAndShortAnswersBecomeErrors(t *testing.T) {
	g := gather.New(gather.Config{}, func(_ context.Context, in []int) ([]int, error) {
		if in[0] == 0 {
			panic("boom")
		}
		return nil, nil
	})
	_, err := g.Do(t.Context(), 0)
	require.ErrorContains(t, err, "boom")
	_, err = g.Do(t.Context(), 1)
	require.ErrorContains(t, err, "0 answers to 1 calls")
	require.NotErrorIs(t, err, context.Canceled)
}
