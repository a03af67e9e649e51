package stats_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/bench/internal/stats"
)

func TestMedian(t *testing.T) {
	values := []float64{9, 1, 5}
	require.InDelta(t, 5, stats.Median(values), 0)
	require.Equal(t, []float64{9, 1, 5}, values, "the values keep their order")
	require.InDelta(t, 3, stats.Median([]int64{5, 1}), 0)
	require.Zero(t, stats.Median([]int{}))
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i
	}
	for p, want := range map[float64]int{0: 1, 0.01: 1, 0.5: 50, 0.95: 95, 0.99: 99, 0.991: 100, 1: 100} {
		require.Equal(t, want, stats.Percentile(hundred, p), "%g", p)
	}
	require.Equal(t, 7, stats.Percentile([]int{7}, 0.99))
	require.Zero(t, stats.Percentile([]int(nil), 0.5))
}
