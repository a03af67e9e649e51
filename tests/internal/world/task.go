package world

import (
	"slices"
	"strings"
	"testing"
)

// Task is the newest task of a node.
type Task struct {
	ID, State string
	Attempt   int
	Epoch     int64
	WorkerID  string
	Error     string
}

// Task answers the newest task of a node whose key begins so; the zero value if there is none.
func (r *Run) Task(t testing.TB, node string) Task {
	t.Helper()
	all := Rows[Task](t, r.w.Database, `select id::text, state, attempt, epoch, coalesce(worker_id, ''), coalesce(error::text, '') from tasks
		where campaign_id = $1 and node like $2 || '%' order by plan_version desc, id desc limit 1`, r.ID, node)
	if len(all) == 0 {
		return Task{}
	}
	return all[0]
}

// AwaitTask waits until a node's task is in one of the states.
func (r *Run) AwaitTask(t testing.TB, node string, states ...string) Task {
	t.Helper()
	var got Task
	r.eventually(t, node+" being "+strings.Join(states, " or "), func() bool {
		got = r.Task(t, node)
		return slices.Contains(states, got.State)
	})
	return got
}

func (r *Run) tasks(t testing.TB) []string {
	return Column[string](t, r.w.Database, `select concat_ws(' ', node, 'v' || plan_version, mode, state, 'attempt', attempt, 'epoch', epoch, worker_id, error->>'reason', error->>'message')
		from tasks where campaign_id = $1 order by plan_version, id`, r.ID)
}
