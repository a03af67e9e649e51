package main

import (
	"strings"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
)

// minLength is the least room in which a sentence and its meaning fit.
const minLength = 40

// limits are how long a draft may be, counted the platform's way, with room left for the AI disclosure that is
// added when it is published.
type limits struct {
	rules platforms.Rules
	max   int
}

func newLimits(platform string, max int) (limits, error) {
	rules, ok := platforms.Get(platform)
	if !ok {
		return limits{}, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "unknown platform; known are %s", strings.Join(platforms.Names(), ", "))
	}
	l := limits{rules: rules, max: rules.DraftLimit()}
	if max > 0 && max < l.max {
		l.max = max
	}
	if l.max < minLength || max < 0 {
		return limits{}, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "max_graphemes must be 0 or at least %d", minLength)
	}
	return l, nil
}

func (l limits) fits(text string) bool { return l.fitsIn(text, l.max) }

func (l limits) fitsIn(text string, max int) bool {
	bytes := len(text) + len(l.rules.Disclosure.TextSuffix)
	return l.rules.Count(text) <= max && (l.rules.MaxBytes == 0 || bytes <= l.rules.MaxBytes)
}
