package store

import "context"

// This file reads how something came to be, in few bounded queries. Bodies are protobuf as they came.

// maxLineage bounds how many rows of one kind a lineage shows.
const maxLineage = 500

// TaskLineage answers a task and everything it was built on, in id order.
func (t *Tx) TaskLineage(ctx context.Context, id string) ([]Task, error) {
	return many[Task](ctx, t, `with recursive line(id) as (
			select $2::uuid union select e.depends_on from task_edges e join line on line.id = e.task_id where e.tenant_id = $1)
		select `+taskColumns+` from tasks t join line on line.id = t.id where t.tenant_id = $1 order by t.id limit $3`, t.tenant(), id, maxLineage)
}

// ResultsOf answers the results of several tasks, oldest first.
func (t *Tx) ResultsOf(ctx context.Context, taskIDs []string) ([]Result, error) {
	return many[Result](ctx, t, "select id, task_id, body, created_at from results where tenant_id = $1 and task_id = any($2::uuid[]) order by created_at, id limit $3",
		t.tenant(), taskIDs, maxLineage)
}

// DecisionsOf answers the verdicts on several tasks, oldest first.
func (t *Tx) DecisionsOf(ctx context.Context, taskIDs []string) ([]Decision, error) {
	return many[Decision](ctx, t, `select id, task_id, result_id, verdict, decider, decided_by, body, created_at from decisions
		where tenant_id = $1 and task_id = any($2::uuid[]) order by created_at, id limit $3`, t.tenant(), taskIDs, maxLineage)
}

// ReviewsOf answers the review items of several tasks, oldest first.
func (t *Tx) ReviewsOf(ctx context.Context, taskIDs []string) ([]Review, error) {
	return many[Review](ctx, t, reviewSelect+" and task_id = any($2::uuid[]) order by created_at, id limit $3", t.tenant(), taskIDs, maxLineage)
}
