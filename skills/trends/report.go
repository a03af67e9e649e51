package main

import (
	"fmt"
	"math"
	"time"

	"chimera/services/kit/errs"
	"chimera/skills/internal/skillkit"
)

// report says how far the answer can be trusted (R10.1): the share of sources that answered, a remembered answer
// counting half, and how fresh the newest item is. Reading feeds never gives certainty, so it stays at or under 0.9.
func report(sources []source, items []item, now time.Time) skillkit.Report {
	r := skillkit.Report{Method: "feeds/v1", Tainted: true}
	answered, weight := 0, 0.0
	for _, s := range sources {
		switch {
		case s.err != nil:
			r.Degraded = append(r.Degraded, s.link+": "+errs.As(s.err).Public)
			continue
		case s.stale > 0:
			r.Degraded = append(r.Degraded, fmt.Sprintf("%s: it does not answer; this is what it said %s ago", s.link, age(s.stale)))
			weight += 0.5
		default:
			weight++
		}
		answered++
		r.Sources = append(r.Sources, skillkit.Source{URL: s.link, Title: s.title, Tainted: true})
	}
	fresh, newest := 0.5, "no item has a date"
	switch {
	case len(items) == 0:
		fresh, newest = 0.2, "nothing matched"
	case !items[0].published.IsZero():
		old := now.Sub(items[0].published)
		newest = "the newest is " + age(old) + " old"
		switch {
		case old <= 48*time.Hour:
			fresh = 1
		case old <= 7*24*time.Hour:
			fresh = 0.8
		}
	}
	r.Confidence = math.Round(0.9*weight/float64(len(sources))*fresh*100) / 100
	r.Basis = fmt.Sprintf("%d of %d sources answered; %d items; %s", answered, len(sources), len(items), newest)
	return r
}

func age(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", max(0, int(d.Minutes())))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
