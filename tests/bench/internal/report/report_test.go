package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
)

func TestVerdicts(t *testing.T) {
	share := report.Goal{Goal: 0.5, Floor: 0.25}
	cost := report.Goal{Goal: 0.25, Floor: 0.5, Lower: true}
	for value, want := range map[float64][2]report.Verdict{
		0.5: {report.Reached, report.Above}, 0.49: {report.Above, report.Above}, 0.25: {report.Above, report.Reached},
		0.24: {report.BelowFloor, report.Reached}, 0.51: {report.Reached, report.BelowFloor},
	} {
		share.Value, cost.Value = value, value
		require.Equal(t, want, [2]report.Verdict{share.Verdict(), cost.Verdict()}, "%g", value)
	}
}

func run(others float64, goals ...report.Goal) *report.Report {
	r := &report.Report{At: time.Unix(1, 0), Scale: 1, Goals: goals}
	r.Add("w", measure.Result{Cost: counts.Cost{Others: others}})
	return r
}

func TestAQuarterWorseIsARegressionAndLessIsNoise(t *testing.T) {
	ratio := func(v float64) report.Goal { return report.Goal{Name: "ratio", Value: v} }
	cost := func(v float64) report.Goal { return report.Goal{Name: "cost", Value: v, Lower: true, Counted: true} }
	former := run(0.02, ratio(0.4), cost(1))
	for name, c := range map[string]struct {
		now   *report.Report
		worse int
	}{
		"the same":                   {run(0.02, ratio(0.4), cost(1)), 0},
		"better":                     {run(0.02, ratio(0.9), cost(0.1)), 0},
		"a little worse":             {run(0.02, ratio(0.31), cost(1.24)), 0},
		"a third worse":              {run(0.02, ratio(0.26), cost(1)), 1},
		"dearer":                     {run(0.02, ratio(0.4), cost(1.3)), 1},
		"both":                       {run(0.02, ratio(0.1), cost(9)), 2},
		"others were loud":           {run(0.50, ratio(0.1), cost(1)), 0},
		"loud, but cost is counted":  {run(0.50, ratio(0.1), cost(1.3)), 1},
		"a figure nobody had before": {run(0.02, report.Goal{Name: "new", Value: 0}), 0},
	} {
		worse, _ := c.now.Regressions(former)
		require.Len(t, worse, c.worse, name)
	}
	worse, skipped := run(0.5, ratio(0.1)).Regressions(former)
	require.Empty(t, worse)
	require.Equal(t, 1, skipped, "what is not compared is said")
	worse, _ = former.Regressions(nil)
	require.Empty(t, worse)
}

func TestTheLastReportOfTheSameScaleIsRead(t *testing.T) {
	dir := t.TempDir()
	last, err := report.Last(dir, 1)
	require.NoError(t, err)
	require.Nil(t, last)
	for i, scale := range []float64{1, 1, 0.1} {
		r := run(0.1, report.Goal{Name: "g", Value: float64(i)})
		r.At, r.Scale = time.Unix(int64(i), 0), scale
		_, err := r.Save(dir)
		require.NoError(t, err)
	}
	last, err = report.Last(dir, 1)
	require.NoError(t, err)
	require.InDelta(t, 1, last.Goals[0].Value, 0)
}

func TestTheTableShowsMediansPerTask(t *testing.T) {
	r := &report.Report{Scale: 1, Cores: 2}
	for _, took := range []time.Duration{time.Second, 4 * time.Second, 2 * time.Second} {
		r.Add("W1", measure.Result{Plans: 10, Tasks: 1000, Elapsed: took, Cost: counts.Cost{Flushes: 20, Commands: 4000, Others: 0.3, CPU: counts.CPU{Ours: 100 * time.Millisecond, Postgres: 150 * time.Millisecond, Client: time.Hour}}})
	}
	require.InDelta(t, 500, r.Median("W1", measure.Result.TasksPerSecond), 1e-9)
	require.Zero(t, r.Median("W2", measure.Result.TasksPerSecond))
	require.False(t, r.Quiet())
	var out strings.Builder
	require.NoError(t, r.Print(&out))
	require.Regexp(t, `W1\s+500\s+5\s+0\.0\s+0\.0\s+0\.0200\s+4\.00\s+0\.250\s+0\s+30 %`, out.String())
}
