package commit

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// Verdict is a judge's decision as it came from the bus.
type Verdict struct {
	Scope    tenancy.Scope
	Decision *busv1.ReviewDecision
}

// ApplyDecision is ApplyDecisions for one.
func (c *Committer) ApplyDecision(ctx context.Context, sc tenancy.Scope, d *busv1.ReviewDecision) error {
	return c.ApplyDecisions(ctx, []Verdict{{sc, d}})[0]
}

// applied is what became of one verdict in a batch; alone says that it needs a transaction of its own.
type applied struct {
	err   error
	alone bool
}

// ApplyDecisions is where every judge's verdict becomes state (R10.5). Those that only let a step succeed share one
// transaction; all that touches effects, reviews, posts or plans has one of its own, by the same path as a person's.
// It is idempotent: one kind of decider decides once on a result. Conflict STALE_VERSION when the task moved on since
// it was judged.
func (c *Committer) ApplyDecisions(ctx context.Context, in []Verdict) []error {
	out := make([]error, len(in))
	var plain []Verdict
	var at []int
	for i, v := range in {
		switch {
		case v.Decision.GetDecider() != busv1.DeciderKind_DECIDER_KIND_JUDGE:
			// A person's verdict comes through the API under their own name; on the bus it would be anybody's.
			out[i] = errs.New(errs.Denied, typev1.Reason_REASON_PERMISSION_DENIED, "a person's decision is taken by the review API only")
		case v.Decision.GetVerdict() == busv1.Verdict_VERDICT_APPROVED:
			plain, at = append(plain, v), append(at, i)
		default:
			out[i] = c.applyAlone(ctx, v)
		}
	}
	about := func(v Verdict) (tenancy.Scope, string) { return v.Scope, v.Decision.GetTaskId() }
	for n, a := range inBatches(ctx, c, plain, about, func(err error) applied { return applied{err: err} }, c.applyPart) {
		if out[at[n]] = a.err; a.alone {
			out[at[n]] = c.applyAlone(ctx, plain[n])
		}
	}
	return out
}

func (c *Committer) applyAlone(ctx context.Context, v Verdict) error {
	return c.write(ctx, v.Scope, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) { return c.apply(ctx, tx, v.Decision) })
}

// applyPart lets one tenant's approved steps succeed and moves what that made possible.
func (c *Committer) applyPart(ctx context.Context, tx *store.Tx, in []Verdict) ([]applied, []audit.Entry, error) {
	out := make([]applied, len(in))
	ids, results := make([]string, len(in)), make([]string, len(in))
	for i, v := range in {
		ids[i], results[i] = v.Decision.GetTaskId(), v.Decision.GetResultId()
	}
	camps, locked, known, err := tx.VerdictsLock(ctx, ids, results)
	if err != nil {
		return nil, nil, err
	}
	tasks := make(map[string]store.Task, len(locked))
	for _, t := range locked {
		tasks[t.ID] = t
	}
	of := make(map[string]string, len(known))
	for _, k := range known {
		of[k.ID] = k.TaskID
	}
	var rows []store.Decision
	var done []string
	var versions []int64
	var entries []audit.Entry
	causes := map[string]string{}
	var late []int
	for i, v := range in {
		d, t := v.Decision, tasks[v.Decision.GetTaskId()]
		switch {
		case t.ID == "" || of[d.GetResultId()] != t.ID || !onlySucceeds(t):
			// Forged, or of another kind: told apart where single verdicts are.
			out[i].alone = true
			continue
		case t.State != "judging" || t.StateVersion != d.GetTaskStateVersion():
			late = append(late, i)
			continue
		}
		body, err := marshal(d)
		if err != nil {
			return nil, nil, fmt.Errorf("decision: %w", err)
		}
		rows = append(rows, store.Decision{ID: d.GetId(), TaskID: t.ID, ResultID: d.GetResultId(), Verdict: verdictWords[d.GetVerdict()], Decider: "judge", DecidedBy: d.GetDecidedBy(), Body: body})
		done, versions = append(done, t.ID), append(versions, t.StateVersion)
		e := decided(t, d)
		e.RequestID, causes[t.CampaignID] = v.Scope.RequestID, v.Scope.RequestID
		entries = append(entries, e)
	}
	if err := refuseStale(ctx, tx, in, late, out); err != nil || len(rows) == 0 {
		return out, nil, err
	}
	moved := make([]string, len(camps))
	for i, camp := range camps {
		moved[i] = camp.ID
	}
	left, err := tx.TasksSucceed(ctx, rows, done, versions, moved)
	if err != nil {
		return nil, nil, err
	}
	more, ending, err := c.advanceAll(ctx, tx, camps, left)
	if err != nil {
		return nil, nil, err
	}
	tx.CampaignsEndLast(ending)
	for i := range more {
		// A campaign's end belongs to the request that ended it.
		more[i].RequestID = causes[more[i].ObjectID]
	}
	return out, append(entries, more...), nil
}

// refuseStale tells verdicts that were delivered before from those on a version that is past. Under load there may be one
// for each task, because what waits long is judged again.
func refuseStale(ctx context.Context, tx *store.Tx, in []Verdict, late []int, out []applied) error {
	if len(late) == 0 {
		return nil
	}
	ids := make([]string, len(late))
	for n, i := range late {
		ids[n] = in[i].Decision.GetId()
	}
	known, err := tx.DecisionsKnown(ctx, ids)
	for _, i := range late {
		if d := in[i].Decision; known[d.GetId()] != d.GetResultId() {
			out[i].err = stale()
		}
	}
	return err
}

// onlySucceeds tells a step whose approval has no other consequence than that the next may start.
func onlySucceeds(t store.Task) bool {
	return t.Mode == "run" && t.ResolvesEffect == nil && t.Tool != readTool && t.Tool != metricsTool
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
