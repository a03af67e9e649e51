package schedule_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/chaos/internal/schedule"
)

var groups = []schedule.Group{{Weight: 2, Names: []string{"w0", "w1"}}, {Weight: 1, Names: []string{"o0"}}, {Weight: 1, Names: []string{"s0"}}}

// A seed is all it takes to make the same faults again.
func TestSameSeedSameFaults(t *testing.T) {
	once, again := schedule.Make(7, schedule.Full, groups), schedule.Make(7, schedule.Full, groups)
	require.Equal(t, once, again)
	require.NotEqual(t, schedule.Make(7, schedule.Full, groups), schedule.Make(8, schedule.Full, groups))
}

func TestFaultsOfAFullRun(t *testing.T) {
	for seed := range uint64(50) {
		all := schedule.Make(seed, schedule.Full, groups)
		kinds, victims, before := map[schedule.Kind]int{}, map[string]int{}, 0.0
		for _, f := range all {
			kinds[f.Kind]++
			victims[f.Victim]++
			require.GreaterOrEqual(t, f.At, before)
			require.Less(t, f.At-before, 0.05, "a quiet stretch")
			require.True(t, f.At > 0.01 && f.At < 0.95)
			before = f.At
		}
		require.Equal(t, map[schedule.Kind]int{schedule.Kill: 200, schedule.WipeRedis: 5, schedule.RestartRedis: 5, schedule.CrashPostgres: 3}, kinds)
		for _, name := range []string{"w0", "w1", "o0", "s0"} {
			require.Greater(t, victims[name], 25, "%s is hardly ever killed", name)
		}
	}
	require.Equal(t, schedule.Counts{Kills: 2000, Redis: 100, Postgres: 30}, schedule.Full.Times(10))
	require.Equal(t, schedule.Counts{Kills: 10, Redis: 1, Postgres: 1}, schedule.Full.Times(0.05))
}
