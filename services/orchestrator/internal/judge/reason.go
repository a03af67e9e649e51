package judge

import (
	"fmt"
	"slices"
	"strings"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
)

// sentence says why, in one sentence with rule, threshold and value, by the gravest check.
func sentence(findings []finding) string {
	list := checks(findings)
	failed := slices.IndexFunc(list, func(c *busv1.Check) bool { return c.GetPassed() })
	if failed < 0 {
		failed = len(list)
	}
	if failed == 0 {
		return fmt.Sprintf("All %d checks passed.", len(list))
	}
	c := list[0]
	s := fmt.Sprintf("%s (rule: %s; threshold: %s; value: %s)", capital(c.GetMessage()), c.GetRule(), c.GetThreshold(), c.GetValue())
	if failed > 1 {
		s += fmt.Sprintf(", and %d more", failed-1)
	}
	return s + "."
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// remarks tells the drafting step what to do otherwise, in the words a reviewer would use.
func remarks(findings []finding) string {
	var lines []string
	for _, x := range findings {
		if !x.GetPassed() && !x.GetEscalates() {
			lines = append(lines, fmt.Sprintf("%s (at most or wanted: %s; was: %s)", capital(x.GetMessage()), x.GetThreshold(), x.GetValue()))
		}
	}
	return strings.Join(lines, "\n")
}

// risk orders the review queue: high for sensitive subjects, unknown effects and broken routes, medium for
// any other doubt and for text from outside.
func risk(f *facts, r ruling) platformv1.ReviewRisk {
	level := platformv1.ReviewRisk_REVIEW_RISK_LOW
	if f.tainted() {
		level = platformv1.ReviewRisk_REVIEW_RISK_MEDIUM
	}
	for _, x := range r.findings {
		switch {
		case x.highRisk, x.GetName() == floorName && effectClass(f.tool) == unknownEffect:
			return platformv1.ReviewRisk_REVIEW_RISK_HIGH
		case !x.GetPassed() && x.GetName() != floorName:
			level = platformv1.ReviewRisk_REVIEW_RISK_MEDIUM
		}
	}
	return level
}
