package audit

import (
	"slices"
	"strings"
)

// Outcome is how what an entry tells of ended.
type Outcome string

// The outcomes. Done is what none of the others is.
const (
	Done    Outcome = "done"
	Failed  Outcome = "failed"
	Refused Outcome = "refused"
	Unknown Outcome = "unknown"
)

// Actions that did not end well. An action that ends with a star stands for all that begin like it.
var outcomes = map[Outcome][]string{
	Failed:  {"campaign.failed", "effect.failed", "task.failed", "task.expired", "task.lease_lost", "task.cancelled", "review.expired", "dead_letter.kept"},
	Refused: {"task.rejected", "result.refused", "security.*"},
	Unknown: {"effect.unknown", "effect.parked"},
}

// OutcomeOf goes by the action alone: an entry never changes.
func OutcomeOf(action string) Outcome {
	for _, o := range []Outcome{Failed, Refused, Unknown} {
		if slices.ContainsFunc(outcomes[o], func(a string) bool { return matches(a, action) }) {
			return o
		}
	}
	return Done
}

func matches(pattern, action string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(action, prefix)
	}
	return pattern == action
}

// Actions are the patterns of an outcome; for Done those of all others, which it is not.
func Actions(o Outcome) (patterns []string, negated bool) {
	if o != Done {
		return outcomes[o], false
	}
	return slices.Concat(outcomes[Failed], outcomes[Refused], outcomes[Unknown]), true
}
