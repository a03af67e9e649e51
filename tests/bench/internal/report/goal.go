// Package report holds the bench's figures against its goals and against what it measured last, and prints them.
package report

import "fmt"

// Goal is one figure that is judged.
type Goal struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Goal is what is wanted, Floor what must hold until then.
	Goal  float64 `json:"goal"`
	Floor float64 `json:"floor"`
	// Lower figures are better.
	Lower bool `json:"lower"`
	// Counted figures hold on a busy machine too; the others are ratios of times.
	Counted bool `json:"counted"`
	// GateOnGoal is set once the goal has been reached: from then on CI holds it, and before it the floor.
	GateOnGoal bool `json:"gate_on_goal"`
	// Ratchet is what CI holds while even the floor is out of reach (decision 0073): the last figure with a shared
	// machine's noise. It is only ever moved towards the floor; 0 once that has been reached.
	Ratchet float64 `json:"ratchet,omitempty"`
}

// Bound is what CI holds the figure to.
func (g Goal) Bound() float64 {
	switch {
	case g.GateOnGoal:
		return g.Goal
	case g.Ratchet > 0:
		return g.Ratchet
	}
	return g.Floor
}

// Verdict is how a figure stands.
type Verdict string

// The three verdicts.
const (
	Reached    Verdict = "goal"
	Above      Verdict = "floor"
	BelowFloor Verdict = "BELOW FLOOR"
)

// Verdict of the figure.
func (g Goal) Verdict() Verdict {
	switch {
	case g.Holds(g.Goal):
		return Reached
	case g.Holds(g.Floor):
		return Above
	}
	return BelowFloor
}

// Holds says whether the figure is on the right side of a bound.
func (g Goal) Holds(bound float64) bool {
	if g.Lower {
		return g.Value <= bound
	}
	return g.Value >= bound
}

// tolerance is how much worse than last time a figure may be: less is noise on a shared machine.
const tolerance = 0.25

// Worse says by which share of the former value the figure is worse than it, negative where it is better.
func (g Goal) Worse(former float64) float64 {
	if former == 0 {
		return 0
	}
	if g.Lower {
		return g.Value/former - 1
	}
	return 1 - g.Value/former
}

func (g Goal) String() string {
	than := "≥"
	if g.Lower {
		than = "≤"
	}
	return fmt.Sprintf("%-46s %8.3f   %s %.3g [%.3g]  %s", g.Name, g.Value, than, g.Goal, g.Floor, g.Verdict())
}
