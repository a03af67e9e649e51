package commit

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

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
	// Decision is the judge's verdict; nil for a result that was recorded before: it has been judged, or will be.
	Decision *busv1.ReviewDecision
	// Applied tells that the verdict is committed with the result, because the step's success is all that follows from it.
	// Any other goes over the review queue.
	Applied bool
	// Err is Conflict STALE_EPOCH for a zombie's result, which is audited and changes nothing.
	Err error
}

// RecordResults stores results under their fences and judges them: a step that is done succeeds with its result, any other
// waits for its verdict to be applied (decision 0079). One transaction for all, a handful of statements for each tenant.
// One that cannot be stored does not hold up the others.
func (c *Committer) RecordResults(ctx context.Context, in []Incoming) []Recorded {
	return inBatches(ctx, c, in, resultsParts, c.recordPart)
}

var resultsParts = parts[Incoming, Recorded]{
	scope:  func(r Incoming) tenancy.Scope { return r.Scope },
	object: func(r Incoming) string { return r.Result.GetTaskId() },
	failed: func(err error) Recorded { return Recorded{Err: err} },
}

// RecordResult is RecordResults for one.
func (c *Committer) RecordResult(ctx context.Context, sc tenancy.Scope, r *busv1.Result) (Recorded, error) {
	out := c.RecordResults(ctx, []Incoming{{sc, r}})[0]
	return out, out.Err
}

// fits sorts one tenant's results by what their tasks say.
type fits struct {
	store.Taken
	fresh, other []int
}

func (c *Committer) recordPart(ctx context.Context, tx *store.Tx, in []Incoming) ([]Recorded, []audit.Entry, error) {
	out := make([]Recorded, len(in))
	f, err := takeFor(ctx, tx, in, out)
	if err != nil {
		return nil, nil, err
	}
	entries, err := refuseLate(ctx, tx, f, in, out)
	if err != nil || len(f.fresh) == 0 {
		return out, entries, err
	}
	if err := c.judgeFresh(ctx, tx, f, in, out); err != nil {
		return nil, nil, err
	}
	more, err := c.storeFresh(ctx, tx, f, in, out)
	return out, append(entries, more...), err
}

// takeFor locks the tasks, and before them their campaigns: that order is everyone's.
func takeFor(ctx context.Context, tx *store.Tx, in []Incoming, out []Recorded) (fits, error) {
	ids := make([]string, len(in))
	for i, r := range in {
		ids[i] = r.Result.GetTaskId()
	}
	taken, err := tx.ResultsTake(ctx, ids)
	if err != nil {
		return fits{}, err
	}
	f := fits{Taken: taken}
	tasks := make(map[string]store.Task, len(taken.Tasks))
	for _, t := range taken.Tasks {
		tasks[t.ID] = t
	}
	for i, r := range in {
		t, ok := tasks[r.Result.GetTaskId()]
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

// judgeFresh moves fresh results' tasks on in memory, as far as the judge lets them.
func (c *Committer) judgeFresh(ctx context.Context, tx *store.Tx, f fits, in []Incoming, out []Recorded) error {
	known, err := c.factsOf(tx, f.Taken)
	if err != nil {
		return err
	}
	tasks, results := make([]store.Task, len(f.fresh)), make([]*busv1.Result, len(f.fresh))
	for n, i := range f.fresh {
		r, t := in[i].Result, &out[i].Task
		// The label only ever spreads: what a worker says cannot wash it off.
		t.State, t.StateVersion, t.CostMicros, t.Tainted = "judging", t.StateVersion+1, t.CostMicros+r.GetUsage().GetCostMicros(), t.Tainted || r.GetProvenance().GetTainted()
		t.Degraded, t.Error, t.LeaseUntil, t.WorkerID, t.UpdatedAt = notNil(r.GetProvenance().GetDegraded()), nil, nil, nil, tx.Now()
		tasks[n], results[n] = *t, r
		known.spend(t.CampaignID, r.GetUsage().GetCostMicros())
	}
	cases, failed, err := c.loadCases(ctx, tx, known, tasks, results)
	if err != nil {
		return err
	}
	for n, i := range f.fresh {
		if out[i].Err = failed[n]; failed[n] != nil {
			continue
		}
		d := judge.Judge(cases[n]).Decision
		out[i].Decision = d
		if out[i].Applied = d.GetVerdict() == busv1.Verdict_VERDICT_APPROVED && onlySucceeds(out[i].Task); out[i].Applied {
			out[i].Task.State, out[i].Task.StateVersion = "succeeded", out[i].Task.StateVersion+1
		}
	}
	return nil
}

// onlySucceeds tells a step whose approval has no other consequence than that the next may start.
func onlySucceeds(t store.Task) bool {
	return t.Mode == "run" && t.ResolvesEffect == nil && t.Tool != readTool && t.Tool != metricsTool
}

// storeFresh writes the fresh results with the verdicts that are applied at once, moves their tasks, and what that made
// possible.
func (c *Committer) storeFresh(ctx context.Context, tx *store.Tx, f fits, in []Incoming, out []Recorded) (entries []audit.Entry, err error) {
	var kept store.Kept
	var costs []store.Spending
	causes := map[string]string{}
	for _, i := range f.fresh {
		r, t, d := in[i].Result, out[i].Task, out[i].Decision
		body, err := marshal(r)
		if err != nil {
			return nil, fmt.Errorf("result: %w", err)
		}
		cost := r.GetUsage().GetCostMicros()
		kept.Results = append(kept.Results, store.ResultRow{ID: r.GetId(), TaskID: t.ID, Epoch: r.GetEpoch(), Attempt: r.GetAttempt(), Body: body})
		kept.Tasks = append(kept.Tasks, store.Moved{ID: t.ID, Epoch: r.GetEpoch(), State: t.State, StateVersion: t.StateVersion, CostMicros: cost, Tainted: t.Tainted, Degraded: r.GetProvenance().GetDegraded()})
		if cost > 0 {
			costs = append(costs, store.Spending{EntryID: newID(), CampaignID: t.CampaignID, TaskID: t.ID, ResultID: r.GetId(), Micros: cost})
		}
		if !out[i].Applied {
			continue
		}
		if body, err = marshal(d); err != nil {
			return nil, fmt.Errorf("decision: %w", err)
		}
		kept.Verdicts = append(kept.Verdicts, store.Decision{ID: d.GetId(), TaskID: t.ID, ResultID: r.GetId(), Verdict: verdictWords[d.GetVerdict()], Decider: "judge", DecidedBy: d.GetDecidedBy(), Body: body})
		e := decided(t, d)
		e.RequestID, causes[t.CampaignID] = in[i].Scope.RequestID, in[i].Scope.RequestID
		entries = append(entries, e)
	}
	left, err := tx.ResultsKeep(ctx, kept, slices.Sorted(maps.Keys(causes)))
	if err != nil {
		return nil, err
	}
	tx.CampaignsSpend(costs)
	if err := noteHealth(ctx, tx, f, in, out); err != nil {
		return nil, err
	}
	more, ending, err := c.advanceAll(ctx, tx, f.Campaigns, left)
	if err != nil {
		return nil, err
	}
	tx.CampaignsEnd(ending)
	for i := range more {
		// A campaign's end belongs to the request that ended it.
		more[i].RequestID = causes[more[i].ObjectID]
	}
	return append(entries, more...), nil
}

func noteHealth(ctx context.Context, tx *store.Tx, f fits, in []Incoming, out []Recorded) error {
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
		known, err := c.loadFacts(ctx, tx, tasks)
		if err != nil {
			return err
		}
		all, failed, err := c.loadCases(ctx, tx, known, tasks, results)
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

// stored reads the last results of tasks that wait for a verdict.
func stored(ctx context.Context, tx *store.Tx, taskIDs []string) (tasks []store.Task, results []*busv1.Result, err error) {
	found, err := tx.TasksGet(ctx, taskIDs)
	if err != nil {
		return nil, nil, err
	}
	last, err := tx.ResultsLast(ctx, taskIDs)
	if err != nil {
		return nil, nil, err
	}
	bodies := make(map[string][]byte, len(last))
	for _, r := range last {
		bodies[r.TaskID] = r.Body
	}
	for _, t := range found {
		body, ok := bodies[t.ID]
		if t.State != "judging" || !ok {
			continue
		}
		r := &busv1.Result{}
		if err := proto.Unmarshal(body, r); err != nil {
			return nil, nil, fmt.Errorf("stored result of task %s: %w", t.ID, err)
		}
		tasks, results = append(tasks, t), append(results, r)
	}
	return tasks, results, nil
}
