package judge

import (
	"chimera/services/kit/platforms"
)

// maxListed bounds how many broken limits one decision lists.
const maxListed = 8

// limits holds a draft or a proposal against the platform's rules, so that no reviewer reads a post which
// the platform would refuse. A draft is measured with the disclosure it will get.
func limits(f *facts) []finding {
	if f.content == nil || f.executes() {
		return nil
	}
	const rule = "the post keeps the platform's limits"
	if !f.rulesKnown {
		return []finding{escalated("limits", rule, "known rules", "platform "+f.Platform, "there are no rules for this platform")}
	}
	c := f.content.forPlatform()
	if !f.proposes() {
		c.Text, _ = f.rules.Disclosure.Apply(c.Text, nil)
	}
	found := platforms.Violations(f.rules, c)
	if len(found) == 0 {
		return []finding{passed("limits", rule, f.rules.Title, "kept", "the post fits")}
	}
	var findings []finding
	for _, v := range found[:min(len(found), maxListed)] {
		findings = append(findings, rejected(reviseOrFail(f), "limits", rule+": "+v.Rule, v.Threshold, v.Value, v.Message))
	}
	return findings
}
