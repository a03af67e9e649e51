package main

import (
	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
	"chimera/tests/bench/internal/skeleton"
)

// Names of the works, as the table shows them.
const (
	w1Path     = "W1 path alone"
	w1Stdio    = "W1 with an MCP call by stdio"
	w1HTTP     = "W1 with an MCP call by HTTP"
	w2Path     = "W2 path alone"
	w2Stdio    = "W2 with MCP calls by stdio"
	steady200  = "W1 at 200/s"
	steady10   = "W1 at 10/s"
	ofSkeleton = "skeleton: "
)

// counted are the figures that hold on a busy machine.
func counted(r *report.Report) []report.Goal {
	return []report.Goal{
		{Name: "WAL flushes per W1 task", Value: r.Median(w1Path, measure.Result.FlushesPerTask), Goal: 0.02, Floor: 0.05, Lower: true, Counted: true},
		{Name: "Redis commands per W1 task", Value: r.Median(w1Path, measure.Result.CommandsPerTask), Goal: 4, Floor: 6, Lower: true, Counted: true, GateOnGoal: true},
		// Postgres plans by what it believes of a table, which may be wrong for as long as a load lasts: read rows tell (decision 0094).
		{Name: "rows of tasks read per W1 task", Value: r.Median(w1Path, measure.Result.RowsPerTask), Goal: 13, Floor: 18, Lower: true, Counted: true},
		{Name: "CPU ms per W1 task, ours + Postgres + Redis", Value: r.Median(w1Path, measure.Result.CPUPerTask), Goal: 0.25, Floor: 0.5, Lower: true, Counted: true, Ratchet: 0.8},
	}
}

// ratios hold ours against the ceilings of the same run. A figure that was not measured is left out.
func ratios(r *report.Report) (goals []report.Goal) {
	add := func(name string, ours, ceiling, goal, floor float64, lower bool) {
		if ours > 0 && ceiling > 0 {
			goals = append(goals, report.Goal{Name: name, Value: ours / ceiling, Goal: goal, Floor: floor, Lower: lower})
		}
	}
	tasks, plans := measure.Result.TasksPerSecond, measure.Result.PlansPerSecond
	add("W1 path alone / skeleton", r.Median(w1Path, tasks), r.Median(ofSkeleton+w1Path, tasks), 0.5, 0.25, false)
	add("W1 path alone / sum of the parts", r.Median(w1Path, tasks), r.Ceiling(skeleton.Ceilings.SumOfParts), 0.6, 0.3, false)
	add("W2 path alone / skeleton", r.Median(w2Path, plans), r.Median(ofSkeleton+w2Path, plans), 0.5, 0.25, false)
	add("W1 with an MCP call / raw MCP calls", r.Median(w1Stdio, tasks), r.Ceiling(func(c skeleton.Ceilings) float64 { return c.Calls }), 0.65, 0.5, false)
	add("p50 at 200/s / skeleton's", r.Median(steady200, report.P50), r.Median(ofSkeleton+steady200, report.P50), 2, 4, true)
	add("p99 at 200/s / skeleton's", r.Median(steady200, report.P99), r.Median(ofSkeleton+steady200, report.P99), 3, 6, true)
	return goals
}
