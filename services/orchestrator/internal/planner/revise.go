package planner

import (
	"slices"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// MaxRevisions is how often one draft may be planned: a reviewer and a model must not go on for ever.
const MaxRevisions = 10

// Revise plans a draft anew: the draft behind key (itself a draft, or any step that builds on one) gets the
// remarks and the text they are about, and it and its successors get the next revision; all else is
// carried over as it is. Call it only while the draft's effect has not been executed: a post that is out
// is not taken back by planning. Errors: NotFound for an unknown key, Invalid/WRONG_STATE when no draft is
// behind it, Conflict/LIMIT_EXCEEDED after MaxRevisions.
func Revise(nodes []Node, key string, remarks []string, previousText string) (next []Node, replaced []string, err error) {
	at := slices.IndexFunc(nodes, func(n Node) bool { return n.Key == key })
	if at < 0 {
		return nil, nil, errs.Newf(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "the plan has no step %s", key)
	}
	draft := draftBehind(nodes, at)
	if draft < 0 {
		return nil, nil, errs.Newf(errs.Invalid, typev1.Reason_REASON_WRONG_STATE, "step %s builds on no draft, so nothing can be revised; reject it instead", key)
	}
	if nodes[draft].Revision >= MaxRevisions {
		return nil, nil, errs.Newf(errs.Conflict, typev1.Reason_REASON_LIMIT_EXCEEDED, "%s has been drafted %d times; reject it, or edit it by hand", nodes[draft].Key, nodes[draft].Revision)
	}
	next = slices.Clone(nodes)
	d := &next[draft]
	d.Remarks = append(slices.Clone(d.Remarks), remarks...)
	d.PreviousText = previousText
	replaced = append([]string{d.Key}, Successors(nodes, d.Key)...)
	for i := range next {
		if slices.Contains(replaced, next[i].Key) {
			next[i].Revision++
		}
	}
	return next, replaced, nil
}

// draftBehind is the nearest draft: the node itself, or the first found going back over dependencies in
// their order; -1 if there is none.
func draftBehind(nodes []Node, from int) int {
	queue, seen := []int{from}, map[int]bool{}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		if seen[i] {
			continue
		}
		seen[i] = true
		if nodes[i].Kind == busv1.TaskKind_TASK_KIND_DRAFT {
			return i
		}
		for _, key := range nodes[i].DependsOn {
			if j := slices.IndexFunc(nodes, func(n Node) bool { return n.Key == key }); j >= 0 {
				queue = append(queue, j)
			}
		}
	}
	return -1
}
