package load_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/bench/internal/load"
)

// A slow answer must not slow the questions, nor hide how late they are: that is what an open loop is for.
func TestAnOpenLoopKeepsItsSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var due []time.Duration
		start := time.Now()
		work := slices.Repeat([]load.Submitter{func(ctx context.Context, at time.Time) error {
			time.Sleep(time.Second) // ten times as long as the next one is away
			mu.Lock()
			defer mu.Unlock()
			due = append(due, at.Sub(start))
			return nil
		}}, 20)
		require.NoError(t, load.At(t.Context(), work, 10))
		slices.Sort(due)
		for i, d := range due {
			require.Equal(t, time.Duration(i)*100*time.Millisecond, d)
		}
		require.Equal(t, 1900*time.Millisecond+time.Second, time.Since(start))
	})
}

func TestAFailureEndsTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		n := 0
		work := slices.Repeat([]load.Submitter{func(context.Context, time.Time) error { n++; return boom }}, 1000)
		require.ErrorIs(t, load.At(t.Context(), work, 1), boom)
		require.Less(t, n, 3)
		n = 0
		require.ErrorIs(t, load.All(t.Context(), work, 1), boom)
		require.Equal(t, 1, n)
	})
}
