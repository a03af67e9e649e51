package planner

import (
	"slices"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// Move plans an effect for another time: it and its successors are planned anew, all else is carried over as it is.
// Call it only while the effect was not sent. Errors: NotFound for an unknown key, Invalid/WRONG_STATE for a step
// that is no effect.
func Move(nodes []Node, key string, to time.Time) (next []Node, replaced map[string]bool, err error) {
	at := slices.IndexFunc(nodes, func(n Node) bool { return n.Key == key })
	if at < 0 {
		return nil, nil, errs.Newf(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "the plan has no step %s", key)
	}
	if nodes[at].Kind != busv1.TaskKind_TASK_KIND_EFFECT {
		return nil, nil, errs.Newf(errs.Invalid, typev1.Reason_REASON_WRONG_STATE, "step %s is no publication; only publications have a time of their own", key)
	}
	next = slices.Clone(nodes)
	to = to.UTC().Truncate(time.Microsecond) // as Postgres keeps it
	next[at].At = &to
	replaced = map[string]bool{key: true}
	for _, k := range Successors(nodes, key) {
		replaced[k] = true
	}
	return next, replaced, nil
}
