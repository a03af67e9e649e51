package load

import (
	"context"
	"fmt"
	"time"

	"chimera/tests/bench/internal/stage"
)

// Outcome is what the database says about a run: its own commit times, not when somebody looked.
type Outcome struct {
	Tasks int
	// Repeated tasks needed more than one attempt: their lease ran out before the result was recorded.
	Repeated int
	// First submission to last commit.
	Elapsed time.Duration
	// Latency of each plan, from when it was due to the commit of its last task; Acknowledged to its answer.
	Latency, Acknowledged []time.Duration
}

// Check reads the outcome, and fails unless every task succeeded, was judged, and left its audit entry.
func Check(ctx context.Context, s *stage.Stage, plans []*Plan, tasksPerPlan int) (Outcome, error) {
	o := Outcome{Tasks: len(plans) * tasksPerPlan}
	byID := make(map[string]*Plan, len(plans))
	first := plans[0].Due
	for _, p := range plans {
		byID[p.ID] = p
		if p.Due.Before(first) {
			first = p.Due
		}
		o.Acknowledged = append(o.Acknowledged, p.Acknowledged.Sub(p.Due))
	}
	rows, err := s.Database.Query(ctx, `
		select t.campaign_id::text, count(*) filter (where t.state = 'succeeded'), count(*) filter (where t.attempt > 1), count(d.id) filter (where d.verdict = 'approved' and d.decider = 'judge'),
			count(*) filter (where exists (select from audit_entries a where a.tenant_id = t.tenant_id and a.object_id = t.id::text and a.action like 'task.%')),
			max(pg_xact_commit_timestamp(t.xmin))
		from tasks t left join decisions d on d.tenant_id = t.tenant_id and d.task_id = t.id
		where t.campaign_id = any($1::uuid[]) group by t.campaign_id`, IDs(plans))
	if err != nil {
		return o, err
	}
	defer rows.Close()
	var last time.Time
	seen := 0
	for rows.Next() {
		var id string
		var succeeded, repeated, judged, audited int
		var committed time.Time
		if err := rows.Scan(&id, &succeeded, &repeated, &judged, &audited, &committed); err != nil {
			return o, err
		}
		if succeeded != tasksPerPlan || judged != tasksPerPlan || audited < tasksPerPlan {
			return o, fmt.Errorf("campaign %s: of %d tasks %d succeeded, %d were judged, %d audited", id, tasksPerPlan, succeeded, judged, audited)
		}
		o.Repeated += repeated
		if committed.After(last) {
			last = committed
		}
		o.Latency = append(o.Latency, committed.Sub(byID[id].Due))
		seen++
	}
	if seen != len(plans) {
		return o, fmt.Errorf("%d of %d plans are there", seen, len(plans))
	}
	o.Elapsed = last.Sub(first)
	return o, rows.Err()
}
