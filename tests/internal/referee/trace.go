package referee

import (
	"fmt"
	"slices"
)

// Span is what matters of one span.
type Span struct{ Trace, ID, Parent, Service, Name string }

// OneTrace answers what keeps spans from being one trace that starts at root and reaches all services: services
// without a span in it, and spans whose parent nobody recorded.
func OneTrace(trace, root string, services []string, spans []Span) []string {
	var found []string
	ids := map[string]bool{root: true}
	reached := map[string]bool{}
	for _, s := range spans {
		if s.Trace == trace {
			ids[s.ID] = true
			reached[s.Service] = true
		}
	}
	for _, service := range services {
		if !reached[service] {
			found = append(found, "no span of "+service)
		}
	}
	for _, s := range spans {
		if s.Trace == trace && !ids[s.Parent] {
			found = append(found, fmt.Sprintf("%s of %s hangs on a span that nobody recorded", s.Name, s.Service))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
