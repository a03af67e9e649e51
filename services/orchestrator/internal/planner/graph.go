package planner

import (
	"slices"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// Ready lists the nodes that are not done and whose dependencies all are, in plan order.
func Ready(nodes []Node, done func(key string) bool) []Node {
	var ready []Node
	for _, n := range nodes {
		waits := slices.ContainsFunc(n.DependsOn, func(key string) bool { return !done(key) })
		if !waits && !done(n.Key) {
			ready = append(ready, n)
		}
	}
	return ready
}

// Successors lists every node that needs key's output, directly or through others, in plan order: what
// cannot run any more when key has failed.
func Successors(nodes []Node, key string) []string {
	after := map[string]bool{key: true}
	var keys []string
	// One pass is enough: a plan lists dependencies first.
	for _, n := range nodes {
		if n.Key != key && slices.ContainsFunc(n.DependsOn, func(d string) bool { return after[d] }) {
			after[n.Key] = true
			keys = append(keys, n.Key)
		}
	}
	return keys
}

// Diff compares two versions of a plan by key and revision: a step planned anew is in both lists.
func Diff(before, after []Node) (added, removed []string) {
	return missing(after, before), missing(before, after)
}

func missing(in, from []Node) []string {
	have := map[string]int32{}
	for _, n := range from {
		have[n.Key] = n.Revision
	}
	var keys []string
	for _, n := range in {
		if have[n.Key] != n.Revision {
			keys = append(keys, n.Key)
		}
	}
	return keys
}

// markReviewedLater goes from the ends of the graph to its roots. A step whose output ends anywhere but in
// an effect is not marked: nobody would see it.
func markReviewedLater(nodes []Node) {
	for i := range slices.Backward(nodes) {
		used := false
		later := true
		for _, n := range nodes[i+1:] {
			if slices.Contains(n.DependsOn, nodes[i].Key) {
				used = true
				later = later && (n.Kind == busv1.TaskKind_TASK_KIND_EFFECT || n.ReviewedLater)
			}
		}
		nodes[i].ReviewedLater = used && later && nodes[i].Kind != busv1.TaskKind_TASK_KIND_EFFECT
	}
}
