package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
	"chimera/tests/bench/internal/skeleton"
)

func TestTheGateHoldsTheFloorUntilTheGoalIsReached(t *testing.T) {
	cost := report.Goal{Name: "CPU", Value: 0.4, Goal: 0.25, Floor: 0.5, Lower: true}
	require.NoError(t, held([]report.Goal{cost}))
	cost.GateOnGoal = true
	require.ErrorContains(t, held([]report.Goal{cost}), "CPU is 0.400, must hold 0.25")
	cost.Value, cost.GateOnGoal = 0.51, false
	require.Error(t, held([]report.Goal{cost}))
	cost.Ratchet = 0.8
	require.NoError(t, held([]report.Goal{cost}), "no worse than it was, decision 0073")
	require.Equal(t, report.BelowFloor, cost.Verdict(), "and said to be below its floor")
	cost.Value = 0.81
	require.ErrorContains(t, held([]report.Goal{cost}), "must hold 0.8")
}

// The figures a system without batches had: every one of them must be red.
func TestASlowSystemIsRedEverywhere(t *testing.T) {
	r := &report.Report{Ceilings: []skeleton.Ceilings{{Inserts: 100_000, Outcomes: 60_000, Messages: 80_000, Calls: 2_000}}}
	slow := measure.Result{Plans: 100, Tasks: 10_000, Elapsed: 100 * time.Second, P50: 344 * time.Millisecond, P99: time.Second, Cost: counts.Cost{Flushes: 17_000, Commands: 230_000, Rows: 850_000, CPU: counts.CPU{Ours: 110 * time.Second}}}
	fast := measure.Result{Plans: 100, Tasks: 10_000, Elapsed: time.Second, P50: time.Millisecond, P99: 5 * time.Millisecond}
	for _, name := range []string{w1Path, w2Path, steady200, w1Stdio} {
		r.Add(name, slow)
		r.Add(ofSkeleton+name, fast)
	}
	goals := append(ratios(r), counted(r)...)
	require.Len(t, goals, 10)
	for _, g := range goals {
		require.Equal(t, report.BelowFloor, g.Verdict(), g.Name)
	}
	require.Empty(t, ratios(&report.Report{}), "what was not measured is not judged")
}

func TestABacklogThatCostsIsRed(t *testing.T) { // R12.3
	reads := func(p95, cpu time.Duration) measure.Reads {
		return measure.Reads{P95: map[string]time.Duration{measure.All: p95}, N: 1, Cost: counts.Cost{CPU: counts.CPU{Ours: cpu}}}
	}
	empty := reads(5*time.Millisecond, 3*time.Millisecond)
	require.False(t, red(growth(empty, reads(6*time.Millisecond, 3*time.Millisecond), 1)))
	require.True(t, red(growth(empty, reads(8*time.Millisecond, 3*time.Millisecond), 1)), "slower")
	require.True(t, red(growth(empty, reads(5*time.Millisecond, 6*time.Millisecond), 1)), "dearer, on a machine too idle to be slower")
}
