package judge

import (
	"cmp"
	"slices"
	"time"
	"unicode/utf8"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// finding is one check with what its failure leads to.
type finding struct {
	*busv1.Check
	// disposition applies when the check failed and does not escalate.
	disposition busv1.Disposition
	retryAfter  time.Duration
	highRisk    bool
}

// chain is every configurable check, in the order reviewers read them. The floor is no part of it.
var chain = []func(*facts) []finding{
	schema,
	acceptance,
	partial,
	payloadBinding,
	disclosure,
	limits,
	format,
	bannedTerms,
	sensitiveTerms,
	confidence,
	budget,
	rate,
	taint,
}

// examine stops at a failed attempt: there is no output that the rest could look at.
func examine(f *facts) []finding {
	findings := []finding{outcome(f)}
	if !findings[0].GetPassed() {
		return findings
	}
	for _, check := range chain {
		findings = append(findings, check(f)...)
	}
	return findings
}

// severity orders dispositions: of several failures the one that allows least decides.
var severity = map[busv1.Disposition]int{
	busv1.Disposition_DISPOSITION_RECONCILE: 4,
	busv1.Disposition_DISPOSITION_FAIL:      3,
	busv1.Disposition_DISPOSITION_REVISE:    2,
	busv1.Disposition_DISPOSITION_RETRY:     1,
	busv1.Disposition_DISPOSITION_HOLD:      1,
}

// decide: any failure that does not escalate rejects; else any that does asks for a person.
func decide(f *facts, findings []finding) ruling {
	r := ruling{verdict: busv1.Verdict_VERDICT_APPROVED, findings: findings}
	for _, x := range findings {
		switch {
		case x.GetPassed():
		case !x.GetEscalates():
			r.verdict = busv1.Verdict_VERDICT_REJECTED
			if severity[x.disposition] > severity[r.disposition] {
				r.disposition = x.disposition
			}
			r.retryAfter = max(r.retryAfter, x.retryAfter)
		case r.verdict == busv1.Verdict_VERDICT_APPROVED:
			r.verdict = busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW
		}
	}
	if r.disposition == busv1.Disposition_DISPOSITION_RETRY && r.retryAfter == 0 {
		r.retryAfter = backoff(f)
	}
	return r
}

func passed(name, rule, threshold, value, message string) finding {
	return finding{Check: check(name, rule, threshold, value, message, true, false)}
}

func escalated(name, rule, threshold, value, message string) finding {
	return finding{Check: check(name, rule, threshold, value, message, false, true)}
}

func rejected(d busv1.Disposition, name, rule, threshold, value, message string) finding {
	return finding{Check: check(name, rule, threshold, value, message, false, false), disposition: d}
}

// check cuts every text to the message's bounds, in characters: values come from outside.
func check(name, rule, threshold, value, message string, passed, escalates bool) *busv1.Check {
	return &busv1.Check{
		Name: name, Passed: passed, Escalates: escalates,
		Rule: clip(rule, 400), Threshold: clip(threshold, 200), Value: clip(value, 1000), Message: clip(message, 1000),
	}
}

// checks lists the failed ones first, at most the 64 that a decision holds.
func checks(findings []finding) []*busv1.Check {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b finding) int { return cmp.Compare(gravity(a), gravity(b)) })
	var list []*busv1.Check
	for _, x := range sorted[:min(len(sorted), 64)] {
		list = append(list, x.Check)
	}
	return list
}

// gravity is 0 for what rejects, 1 for what asks for a person, 2 for the floor, 3 for what passed.
func gravity(x finding) int {
	switch {
	case x.GetPassed():
		return 3
	case !x.GetEscalates():
		return 0
	case x.GetName() == floorName:
		return 2
	}
	return 1
}

// clip cuts s to maxChars, and makes it UTF-8.
func clip(s string, maxChars int) string {
	if len(s) <= maxChars && utf8.ValidString(s) {
		return s
	}
	runes := []rune(s)
	if len(runes) <= maxChars {
		return string(runes)
	}
	return string(runes[:maxChars-1]) + "…"
}
