package smoke

import (
	"fmt"
	"strings"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
)

// maxSummary keeps a hop on one line, in characters.
const maxSummary = 150

// timeline prints when each hop happened: since the campaign's start, and since the hop before.
func (r *run) timeline(full *platformv1.GetPostResponse) {
	// The goal may be days old; a run begins with its plan.
	var begin time.Time
	for _, hop := range full.GetTimeline() {
		if hop.GetStage() == "plan" {
			begin = hop.GetAt().AsTime()
		}
	}
	// Steps are named by account; the platform says more to a person.
	names := strings.NewReplacer(":"+full.GetPost().GetAccountId(), ":"+full.GetPost().GetPlatform())
	before := begin
	for _, hop := range full.GetTimeline() {
		at := hop.GetAt().AsTime()
		if at.Before(begin) {
			before = at
		}
		r.Say(fmt.Sprintf("  %s %+9.3f s  (+%.3f s)  %-9s %s", at.Local().Format("15:04:05.000"), at.Sub(begin).Seconds(), at.Sub(before).Seconds(), hop.GetStage(), names.Replace(describe(hop))))
		before = at
	}
}

func describe(hop *platformv1.TimelineEntry) string {
	text := short(hop.GetSummary())
	if hop.GetActor() != "" {
		text += " [" + hop.GetActor() + "]"
	}
	return text
}

func short(text string) string {
	if runes := []rune(text); len(runes) > maxSummary {
		return string(runes[:maxSummary]) + "…"
	}
	return text
}
