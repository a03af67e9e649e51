package planner

import (
	"slices"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// node makes the step's node for an account; the zero account for a step done once.
func (s step) node(c Campaign, a Account) Node {
	n := Node{
		Key:         s.keyFor(s.Key, a),
		Title:       s.Title,
		Tool:        s.Tool,
		Kind:        kinds[s.Kind],
		Mode:        busv1.TaskMode_TASK_MODE_RUN,
		AccountID:   a.ID,
		Platform:    a.Platform,
		Arguments:   slices.Clone(s.template),
		Accept:      slices.Clone(s.Accept),
		Timeout:     s.Timeout,
		Delay:       s.delay(c),
		MaxAttempts: s.MaxAttempts,
		Priority:    s.Priority,
		Revision:    1,
	}
	if n.Kind == busv1.TaskKind_TASK_KIND_EFFECT {
		n.Mode = busv1.TaskMode_TASK_MODE_PROPOSE
		n.Slot = DefaultSlot
		if slot := c.Params.GetSlot(); slot != nil {
			n.Slot = slot.AsDuration()
		}
	}
	for _, key := range s.DependsOn {
		n.DependsOn = append(n.DependsOn, s.keyFor(key, a))
	}
	return n
}

func (s step) keyFor(key string, a Account) string {
	if a.ID == "" || s.shared[key] {
		return key
	}
	return key + ":" + a.ID
}

func (s step) delay(c Campaign) time.Duration {
	if s.DelayParam == "metrics_after" && c.Params.GetMetricsAfter() != nil {
		return c.Params.GetMetricsAfter().AsDuration()
	}
	return s.Delay
}
