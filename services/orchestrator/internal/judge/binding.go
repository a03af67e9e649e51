package judge

import (
	"bytes"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/orchestrator/internal/planner/jsonpath"
)

// payloadBinding refuses a proposal for another account or platform than the task's: the grant would be
// for what the skill proposed.
func payloadBinding(f *facts) []finding {
	if !f.proposes() {
		return nil
	}
	const rule = "a proposal is for the task's own account and platform"
	if f.payload == nil {
		return []finding{rejected(busv1.Disposition_DISPOSITION_FAIL, "payload", rule, "a payload object", "none that can be granted", "the proposal holds no payload that could be approved")}
	}
	for _, want := range []struct{ key, value string }{{"account_id", f.Task.GetSpec().GetAccountId()}, {"platform", f.Platform}} {
		if have, _ := f.payload[want.key].(string); have != want.value {
			return []finding{rejected(busv1.Disposition_DISPOSITION_FAIL, "payload", rule, want.value, have, "the proposal names another "+want.key+" than the task")}
		}
	}
	return []finding{passed("payload", rule, f.Platform, f.Platform, "the proposal is for the task's account")}
}

// disclosure keeps AI-made content marked as its platform demands (R10.6): the skill may add the marks the
// task asks for, not drop them.
func disclosure(f *facts) []finding {
	if !f.proposes() || f.content == nil || !f.rulesKnown {
		return nil
	}
	const rule = "AI-made content is disclosed as the platform's rule says"
	if asked, _ := jsonpath.Get(decoded(f.Task.GetSpec().GetArgumentsJson()), "disclosure.ai_generated"); asked != true {
		return []finding{passed("disclosure", rule, "", "not AI-made", "the task does not call the content AI-made")}
	}
	if f.content.Disclosure.AIGenerated && f.rules.Disclosure.Present(f.content.Text, f.content.SelfLabels) {
		return []finding{passed("disclosure", rule, f.rules.Disclosure.Field, "present", "the content is disclosed")}
	}
	return []finding{rejected(busv1.Disposition_DISPOSITION_FAIL, "disclosure", rule, f.rules.Disclosure.Field, "absent", "the AI disclosure is missing from the proposal")}
}

// decoded is nil for what is not JSON.
func decoded(raw []byte) any {
	value, err := jsonpath.Decode(bytes.TrimSpace(raw))
	if err != nil {
		return nil
	}
	return value
}
