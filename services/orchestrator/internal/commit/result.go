package commit

import (
	"context"
	"fmt"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// Incoming is a worker's result as it came from the bus.
type Incoming struct {
	Scope  tenancy.Scope
	Result *busv1.Result
}

// Recorded is what became of one result.
type Recorded struct {
	Task store.Task
	// Case is what a verdict goes by; nil for a result that was recorded before: it has been judged, or will be.
	Case *judge.Case
	// Err is Conflict STALE_EPOCH for a zombie's result, which is audited and changes nothing.
	Err error
}

// RecordResults stores results under their fences, moves their tasks to judging and answers what a verdict goes by:
// one transaction for all, a handful of statements for each tenant. One that cannot be stored does not hold up the
// others.
func (c *Committer) RecordResults(ctx context.Context, in []Incoming) []Recorded {
	return inBatches(ctx, c, in, func(r Incoming) (tenancy.Scope, string) { return r.Scope, r.Result.GetTaskId() }, failedResult, c.recordPart)
}

// RecordResult is RecordResults for one.
func (c *Committer) RecordResult(ctx context.Context, sc tenancy.Scope, r *busv1.Result) (Recorded, error) {
	out := c.RecordResults(ctx, []Incoming{{sc, r}})[0]
	return out, out.Err
}

func failedResult(err error) Recorded { return Recorded{Err: err} }

// fits sorts one tenant's results by what their tasks say.
type fits struct {
	fresh, other []int
	tasks        map[string]store.Task
}

func (c *Committer) recordPart(ctx context.Context, tx *store.Tx, in []Incoming) ([]Recorded, []audit.Entry, error) {
	out := make([]Recorded, len(in))
	f, err := lockFor(ctx, tx, in, out)
	if err != nil {
		return nil, nil, err
	}
	entries, err := refuseLate(ctx, tx, f, in, out)
	if err != nil || len(f.fresh) == 0 {
		return out, entries, err
	}
	if err := c.storeFresh(ctx, tx, f, in, out); err != nil {
		return nil, nil, err
	}
	tasks, results := make([]store.Task, len(f.fresh)), make([]*busv1.Result, len(f.fresh))
	for n, i := range f.fresh {
		tasks[n], results[n] = out[i].Task, in[i].Result
	}
	cases, failed, err := c.loadCases(ctx, tx, tasks, results)
	for n, i := range f.fresh {
		if err == nil {
			out[i].Case, out[i].Err = &cases[n], failed[n]
		}
	}
	return out, entries, err
}

// lockFor locks the tasks, and before them the campaigns that a cost will be booked on: that order is everyone's.
func lockFor(ctx context.Context, tx *store.Tx, in []Incoming, out []Recorded) (fits, error) {
	f := fits{tasks: make(map[string]store.Task, len(in))}
	var ids, costly []string
	for _, r := range in {
		ids = append(ids, r.Result.GetTaskId())
		if r.Result.GetUsage().GetCostMicros() > 0 {
			costly = append(costly, r.Result.GetTaskId())
		}
	}
	if len(costly) > 0 {
		if _, err := tx.CampaignsOf(ctx, costly); err != nil {
			return f, err
		}
	}
	locked, err := tx.TasksLock(ctx, ids)
	if err != nil {
		return f, err
	}
	for _, t := range locked {
		f.tasks[t.ID] = t
	}
	for i, r := range in {
		t, ok := f.tasks[r.Result.GetTaskId()]
		out[i].Task = t
		switch {
		case !ok:
			out[i].Err = store.ErrMissing
		case t.State == "running" && t.Epoch == r.Result.GetEpoch():
			f.fresh = append(f.fresh, i)
		default:
			f.other = append(f.other, i)
		}
	}
	return f, nil
}

// refuseLate tells echoes of what was recorded before from the results of attempts that were taken over.
func refuseLate(ctx context.Context, tx *store.Tx, f fits, in []Incoming, out []Recorded) ([]audit.Entry, error) {
	if len(f.other) == 0 {
		return nil, nil
	}
	ids := make([]string, len(f.other))
	for n, i := range f.other {
		ids[n] = in[i].Result.GetId()
	}
	known, err := tx.ResultsKnown(ctx, ids)
	if err != nil {
		return nil, err
	}
	of := make(map[string]string, len(known))
	for _, k := range known {
		of[k.ID] = k.TaskID
	}
	var entries []audit.Entry
	for _, i := range f.other {
		r, t := in[i].Result, out[i].Task
		if of[r.GetId()] == t.ID {
			continue // delivered before
		}
		out[i].Err = errs.New(errs.Conflict, typev1.Reason_REASON_STALE_EPOCH, "another attempt has taken over; this result is too late")
		e := entry("result.refused", "task", t.ID, map[string]any{"result_id": r.GetId(), "epoch": r.GetEpoch(), "current_epoch": t.Epoch, "state": t.State})
		e.RequestID = in[i].Scope.RequestID
		entries = append(entries, e)
	}
	return entries, nil
}

// storeFresh writes the fresh results and moves their tasks.
func (c *Committer) storeFresh(ctx context.Context, tx *store.Tx, f fits, in []Incoming, out []Recorded) error {
	var rows []store.ResultRow
	var moves []store.Judging
	var costs []store.Spending
	for _, i := range f.fresh {
		r, t := in[i].Result, &out[i].Task
		body, err := marshal(r)
		if err != nil {
			return fmt.Errorf("result: %w", err)
		}
		cost := r.GetUsage().GetCostMicros()
		rows = append(rows, store.ResultRow{ID: r.GetId(), TaskID: t.ID, Epoch: r.GetEpoch(), Attempt: r.GetAttempt(), Body: body})
		// The label only ever spreads: what a worker says cannot wash it off.
		moves = append(moves, store.Judging{ID: t.ID, StateVersion: t.StateVersion, CostMicros: cost, Tainted: r.GetProvenance().GetTainted(), Degraded: r.GetProvenance().GetDegraded()})
		if cost > 0 {
			costs = append(costs, store.Spending{EntryID: newID(), CampaignID: t.CampaignID, TaskID: t.ID, ResultID: r.GetId(), Micros: cost})
		}
		t.State, t.StateVersion, t.CostMicros, t.Tainted = "judging", t.StateVersion+1, t.CostMicros+cost, t.Tainted || r.GetProvenance().GetTainted()
		t.Degraded, t.Error, t.LeaseUntil, t.WorkerID, t.UpdatedAt = notNil(r.GetProvenance().GetDegraded()), nil, nil, nil, tx.Now()
	}
	if err := tx.TasksJudging(ctx, rows, moves); err != nil {
		return err
	}
	if err := tx.CampaignsSpend(ctx, costs); err != nil {
		return err
	}
	for _, i := range f.fresh {
		if t := out[i].Task; in[i].Result.GetError().GetReason() == typev1.Reason_REASON_CREDENTIAL_DEAD && t.AccountID != nil {
			if err := tx.AccountHealthUpdate(ctx, *t.AccountID, 0, "credential_dead"); err != nil {
				return err
			}
		}
	}
	return nil
}

// LoadCases answers what verdicts on results that were stored earlier go by; tasks that need none any more are left out.
func (c *Committer) LoadCases(ctx context.Context, sc tenancy.Scope, taskIDs []string) (cases []judge.Case, err error) {
	ctx, seen := c.plans.watch(ctx)
	err = c.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		tasks, results, err := stored(ctx, tx, taskIDs)
		if err != nil || len(tasks) == 0 {
			return err
		}
		all, failed, err := c.loadCases(ctx, tx, tasks, results)
		for i := range all {
			if failed[i] != nil {
				c.log.ErrorContext(ctx, "a stored result cannot be judged", "task_id", tasks[i].ID, "error", failed[i])
				continue
			}
			cases = append(cases, all[i])
		}
		return err
	})
	if err == nil {
		c.plans.keep(seen)
	}
	return cases, err
}

// lockTask locks a task, and its campaign before it: campaign before task is the order everywhere, so that no two can
// wait for each other.
func lockTask(ctx context.Context, tx *store.Tx, id string) (store.Task, error) {
	t, err := tx.TaskGet(ctx, id)
	if err != nil {
		return t, err
	}
	if _, err := tx.CampaignLock(ctx, t.CampaignID); err != nil {
		return t, err
	}
	return tx.TaskLock(ctx, id)
}
