package judge

import "fmt"

// budget stops spending at the campaign's limit and asks a person (R10.2). A result that cost nothing
// passes whatever has been spent before.
func budget(f *facts) []finding {
	if f.executes() {
		return nil
	}
	const rule = "the campaign's budget is not passed without a person"
	cost, each := f.Result.GetUsage().GetCostMicros(), f.Task.GetResources().GetMaxCostMicros()
	total := f.SpentMicros + cost
	want, have := fmt.Sprintf("%d micros", f.BudgetMicros), fmt.Sprintf("%d micros", total)
	switch {
	case cost == 0:
		return []finding{passed("budget", rule, want, have, "the result cost nothing")}
	case total > f.BudgetMicros:
		return []finding{escalated("budget", rule, want, have, "the campaign has spent more than its budget")}
	case cost > each:
		return []finding{escalated("budget", "a task costs at most what it was given", fmt.Sprintf("%d micros", each), fmt.Sprintf("%d micros", cost), "the task cost more than it may")}
	}
	return []finding{passed("budget", rule, want, have, "the budget holds")}
}
