package judge

import (
	"fmt"
	"strings"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

const (
	// patience is how long a task waits for a skill that is away before it fails, from the first try that found it so.
	patience = 30 * time.Minute
	// holdMax is the longest wait between two tries, and so how late a skill's return may be noticed.
	holdMax = 30 * time.Second
)

// away are causes that lie with a skill which no worker reaches. Nothing of the call ran, so the task is as it was.
var away = []typev1.Reason{typev1.Reason_REASON_SKILL_AWAY, typev1.Reason_REASON_TOOL_UNKNOWN}

// hold lets a task wait for its skill without an attempt being counted (decision 0069). It is asked for tasks without
// an effect only: what may have changed the world is never simply done again.
func hold(f *facts) finding {
	const rule = "a skill that is away is waited for, and costs no attempt"
	since := f.Now
	if f.HeldSince != nil {
		since = *f.HeldSince
	}
	skill, _, _ := strings.Cut(f.tool, ".")
	until, waited := since.Add(patience), f.Now.Sub(since)
	if !f.Now.Before(until) {
		return rejected(busv1.Disposition_DISPOSITION_FAIL, "outcome", rule, patience.String(), waited.Round(time.Second).String(),
			fmt.Sprintf("no worker could reach the skill %s in all this time; start it, then try this step again", skill))
	}
	x := rejected(busv1.Disposition_DISPOSITION_HOLD, "outcome", rule, patience.String(), waited.Round(time.Second).String(),
		fmt.Sprintf("no worker reaches the skill %s; this step goes on when it is back, and fails if it is not until %s", skill, until.UTC().Format("15:04 MST")))
	// Half of what it has waited: often at first, when a restart is likely, and seldom later.
	x.retryAfter = jittered(f, min(max(waited/2, time.Second), holdMax), uint32(f.Result.GetEpoch()))
	return x
}

// holdStopped lets a step wait for the switch that cut it off, without an attempt being counted (decision 0068): a person
// stopped it, and dispatch holds it for as long as they like. For tasks without an effect, as hold is.
func holdStopped(f *facts, message string) finding {
	x := rejected(busv1.Disposition_DISPOSITION_HOLD, "outcome", "a stop costs no attempt", "", f.reason().String(), message)
	x.retryAfter = jittered(f, time.Second, uint32(f.Result.GetEpoch()))
	return x
}
