package skeleton

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestALaneGathersWhileItWorksAndNeverLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		l := newLane(1, 10, func(n int) int { return n }, func(_ context.Context, batch []int) error {
			sizes = append(sizes, len(batch))
			time.Sleep(time.Second)
			return nil
		})
		start := time.Now()
		require.NoError(t, l.do(t.Context(), 1))
		require.Equal(t, time.Second, time.Since(start), "a lone item waits for nothing")
		var all sync.WaitGroup
		for range 25 {
			all.Go(func() { _ = l.do(t.Context(), 1) })
		}
		all.Wait()
		require.LessOrEqual(t, len(sizes), 5, "%v", sizes)
		sum := 0
		for _, n := range sizes {
			require.LessOrEqual(t, n, 10)
			sum += n
		}
		require.Equal(t, 26, sum)
		require.NoError(t, l.do(t.Context(), 99), "an item larger than a batch goes by itself")
	})
}

func TestEveryItemLearnsItsBatchsError(t *testing.T) {
	boom := errors.New("boom")
	l := newLane(2, 10, func(int) int { return 1 }, func(context.Context, []int) error { return boom })
	for range 3 {
		require.ErrorIs(t, l.do(t.Context(), 1), boom)
	}
}
