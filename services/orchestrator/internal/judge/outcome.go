package judge

import (
	"slices"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

// hopeless are causes that another attempt with the same bytes cannot mend, whatever the worker says.
var hopeless = []typev1.Reason{
	typev1.Reason_REASON_INVALID, typev1.Reason_REASON_PERMISSION_DENIED, typev1.Reason_REASON_TOO_LARGE,
	typev1.Reason_REASON_BUDGET_EXCEEDED, typev1.Reason_REASON_DIGEST_MISMATCH,
	typev1.Reason_REASON_GRANT_REQUIRED, typev1.Reason_REASON_GRANT_INVALID, typev1.Reason_REASON_GRANT_EXPIRED,
	typev1.Reason_REASON_GRANT_CONSUMED, typev1.Reason_REASON_GRANT_MISMATCH, typev1.Reason_REASON_PLATFORM_REJECTED,
	typev1.Reason_REASON_CREDENTIAL_DEAD, typev1.Reason_REASON_POLICY_VIOLATION, typev1.Reason_REASON_LIMIT_EXCEEDED,
	typev1.Reason_REASON_ADDRESS_REFUSED, typev1.Reason_REASON_EXPIRED,
}

// held are causes that dispatch waits out by itself: the task is not to blame, and goes on when a switch is
// released, a changed tool is accepted, or another worker takes over from one that was stopped.
var held = []typev1.Reason{
	typev1.Reason_REASON_STOPPED, typev1.Reason_REASON_CANCELLED, typev1.Reason_REASON_TOOL_CHANGED, typev1.Reason_REASON_TOOL_UNKNOWN,
}

// executionAttempts is how often an approved effect that is certainly not done is tried at least: a second apart, then two,
// four and so on, over four minutes. Nobody can try an execution again by hand, so a restart must not end it.
const executionAttempts = 9

// ExecutionAttempts is how often an execution may be tried whose playbook allows so many attempts.
func ExecutionAttempts(playbook int32) int32 { return max(playbook, executionAttempts) }

const (
	ruleAttempt = "a failed attempt is repeated only while that can help"
	ruleEffect  = "an effect counts as done, not done or unknown; an unknown one is read back, never repeated"
)

// outcome says whether there is an output to judge, and if not, whether to try again.
func outcome(f *facts) finding {
	if f.executes() {
		return effectOutcome(f)
	}
	switch f.Result.GetStatus() {
	case busv1.ResultStatus_RESULT_STATUS_SUCCESS, busv1.ResultStatus_RESULT_STATUS_PARTIAL:
		return passed("outcome", ruleAttempt, "", "", "the attempt ended with an output")
	default:
		return again(f, ruleAttempt)
	}
}

func effectOutcome(f *facts) finding {
	succeeded := f.Result.GetStatus() == busv1.ResultStatus_RESULT_STATUS_SUCCESS
	value := f.Result.GetOutcome().String()
	switch f.Result.GetOutcome() {
	case busv1.EffectOutcome_EFFECT_OUTCOME_DONE:
		return passed("outcome", ruleEffect, "done", value, "the platform confirmed the effect")
	case busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE:
		// "It succeeded, and it was not done" is a contradiction, so nothing is known.
		if !succeeded && f.reason() != typev1.Reason_REASON_OUTCOME_UNKNOWN {
			return again(f, ruleEffect)
		}
	default: // said to be unknown, or not said
	}
	return rejected(busv1.Disposition_DISPOSITION_RECONCILE, "outcome", ruleEffect, "done or not done", value,
		"it is not known whether the effect happened; it will be looked up on the platform")
}

// again decides between another attempt and the end.
func again(f *facts, rule string) finding {
	if slices.Contains(away, f.reason()) && !f.executes() {
		return hold(f)
	}
	message := f.Result.GetError().GetMessage()
	if message == "" {
		message = "the attempt failed without saying why"
	}
	if f.reason() == typev1.Reason_REASON_STOPPED && !f.executes() {
		return holdStopped(f, message)
	}
	name := f.reason().String()
	if !slices.Contains(held, f.reason()) && (!f.Result.GetRetryable() || slices.Contains(hopeless, f.reason())) {
		return rejected(busv1.Disposition_DISPOSITION_FAIL, "outcome", rule, "a cause that passes", name, message)
	}
	most := f.MaxAttempts
	if f.executes() {
		most = ExecutionAttempts(most)
	}
	if f.Attempt >= most {
		return rejected(busv1.Disposition_DISPOSITION_FAIL, "outcome", rule, attempts(most), attempts(f.Attempt), message)
	}
	return rejected(busv1.Disposition_DISPOSITION_RETRY, "outcome", rule, attempts(most), attempts(f.Attempt), message)
}

func (f *facts) reason() typev1.Reason { return f.Result.GetError().GetReason() }
