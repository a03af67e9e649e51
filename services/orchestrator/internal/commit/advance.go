package commit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

// stallWait is how long a task that cannot start yet waits before it is looked at again.
const stallWait = 5 * time.Second

// advance moves what a change made possible: cancels what can never run, readies what can run now, and ends
// the campaign when nothing is left. It belongs to every transaction that ends a task.
func (c *Committer) advance(ctx context.Context, tx *store.Tx, campaignID string) ([]audit.Entry, error) {
	camp, err := tx.CampaignLock(ctx, campaignID)
	if err != nil {
		return nil, err
	}
	left, err := tx.CampaignsLeft(ctx, []string{campaignID})
	if err != nil {
		return nil, err
	}
	entries, ending, err := c.advanceAll(ctx, tx, []store.Campaign{camp}, left)
	if err != nil {
		return nil, err
	}
	tx.CampaignsEnd(ending)
	return entries, nil
}

// advanceAll is advance for campaigns that the caller has locked, in as many statements as for one. left is what it has
// left of them; ending those that the caller has to end.
func (c *Committer) advanceAll(ctx context.Context, tx *store.Tx, camps []store.Campaign, left store.Left) (entries []audit.Entry, ending store.Ending, err error) {
	open := map[string]store.Campaign{}
	var ids []string
	for _, camp := range camps {
		if camp.State == "running" || camp.State == "paused" {
			open[camp.ID], ids = camp, append(ids, camp.ID)
		}
	}
	if len(ids) == 0 {
		return nil, ending, nil
	}
	if left.Blocked {
		entries, err = c.unblock(ctx, tx, open, ids, &left)
		if err != nil {
			return nil, ending, err
		}
	}
	more, ending := endCampaigns(open, left.Idle)
	return append(entries, more...), ending, nil
}

// unblock cancels and readies what waited, and looks again at what is left if that ended tasks.
func (c *Committer) unblock(ctx context.Context, tx *store.Tx, open map[string]store.Campaign, ids []string, left *store.Left) ([]audit.Entry, error) {
	doomed, able, err := tx.Freed(ctx, ids)
	if err != nil {
		return nil, err
	}
	failed := false
	if len(able) > 0 {
		if failed, err = c.ready(ctx, tx, open, able); err != nil {
			return nil, err
		}
		if failed && len(doomed) == 0 {
			// One that could not be bound has failed just now, and dooms what waits for it.
			doomed, err = tx.Doomed(ctx, ids)
		}
	}
	if err != nil || (!failed && len(doomed) == 0) {
		return nil, err
	}
	entries, err := cancelDoomed(ctx, tx, ids, doomed)
	if err == nil {
		*left, err = tx.CampaignsLeft(ctx, ids)
	}
	return entries, err
}

// cancelDoomed cancels the doomed tasks, then what that dooms.
func cancelDoomed(ctx context.Context, tx *store.Tx, campaignIDs []string, doomed []store.Task) (entries []audit.Entry, err error) {
	cause := errs.New(errs.Cancelled, typev1.Reason_REASON_CANCELLED, "a step it waits for did not succeed")
	for len(doomed) > 0 {
		for _, t := range doomed {
			if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "cancelled", Error: errorJSON(cause, t.RequestID)}); err != nil {
				return nil, err
			}
			entries = append(entries, entry("task.cancelled", "task", t.ID, map[string]any{"node": t.Node}))
		}
		if doomed, err = tx.Doomed(ctx, campaignIDs); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// ready binds tasks' arguments from their dependencies' results and pins their tools, then makes them all ready in
// one statement. One that cannot be bound fails with the reason; one whose tool no worker offers yet waits.
func (c *Committer) ready(ctx context.Context, tx *store.Tx, camps map[string]store.Campaign, able []store.Task) (failed bool, err error) {
	ids := make([]string, len(able))
	for i, t := range able {
		ids[i] = t.ID
	}
	inputs, pins, err := c.pins(ctx, tx, ids, toolsOf(able))
	if err != nil {
		return false, err
	}
	var all []store.Bound
	var sent []*store.ReadyTask
	for _, t := range able {
		pc, err := c.planContext(ctx, tx, camps[t.CampaignID], t.PlanVersion)
		if err != nil {
			return false, err
		}
		outputs, err := outputsOf(inputs[t.ID])
		if err != nil {
			return false, err
		}
		b, err := pins.bind(ctx, tx, pc, t, outputs)
		switch {
		case err == nil:
			all = append(all, b)
			sent = append(sent, pins.sendable(tx, camps[t.CampaignID].State, t, b, inputs[t.ID]))
		case errors.As(err, new(cannotBind)):
			failed = true
			err = tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "failed", Error: errorJSON(err, t.RequestID)})
		case errs.ReasonOf(err) == typev1.Reason_REASON_TOOL_UNKNOWN:
			err = tx.TaskStall(ctx, t.ID, errorJSON(err, t.RequestID), stallWait)
		}
		if err != nil {
			return false, err
		}
	}
	if pins.roomFor(sent) {
		for i, r := range sent {
			all[i].Send = r
		}
	}
	tx.TasksReady(all)
	return failed, nil
}

// errStoredPlan marks a plan in Postgres that cannot be read: its tasks' trouble, nobody else's.
var errStoredPlan = errors.New("stored plan")

// planContext is what the tasks of one plan version are bound and judged by. It is read and decoded once.
func (c *Committer) planContext(ctx context.Context, tx *store.Tx, camp store.Campaign, version int32) (planContext, error) {
	key := planKey{tx.Scope().Tenant, camp.ID, version}
	if pc, ok := c.plans.get(ctx, key); ok {
		return pc, nil
	}
	plan, nodes, err := planNodes(ctx, tx, camp.ID, version)
	if err != nil {
		return planContext{}, err
	}
	persona, err := tx.PersonaGet(ctx, camp.AgentID, plan.PersonaVersion)
	if err != nil {
		return planContext{}, err
	}
	accounts, err := tx.CampaignAccounts(ctx, camp.ID)
	if err != nil {
		return planContext{}, err
	}
	of, err := plannerCampaign(camp, plan.PersonaVersion, persona.Persona, accounts)
	if err != nil {
		return planContext{}, err
	}
	pc := newPlanContext(of, nodes)
	saw(ctx, key, pc)
	return pc, nil
}

func newPlanContext(of planner.Campaign, nodes []planner.Node) planContext {
	pc := planContext{campaign: of, nodes: make(map[string]planner.Node, len(nodes))}
	for _, n := range nodes {
		pc.nodes[n.Key] = n
	}
	return pc
}

// cannotBind is a task whose arguments do not follow from what its dependencies gave.
type cannotBind struct{ error }

func (e cannotBind) Unwrap() error { return e.error }

// outputsOf is what a task's dependencies gave. An effect that was settled without its own answer, by a look-up or a
// person, gives the receipt: its last result is then a proposal or says nothing.
func outputsOf(inputs []store.Input) (map[string]planner.Output, error) {
	outputs := make(map[string]planner.Output, len(inputs))
	for _, in := range inputs {
		var r busv1.Result
		if err := proto.Unmarshal(in.Body, &r); err != nil {
			return nil, fmt.Errorf("stored result: %w", err)
		}
		out := planner.Output{JSON: r.GetOutputJson(), Method: r.GetProvenance().GetMethod(), Tainted: in.Tainted}
		adopted := in.Confirmed && r.GetOutcome() != busv1.EffectOutcome_EFFECT_OUTCOME_DONE
		if adopted {
			raw, err := json.Marshal(map[string]*string{"remote_id": in.RemoteID, "uri": in.URI, "url": in.URL, "platform_key": in.PlatformKey})
			if err != nil {
				return nil, err
			}
			out.JSON = raw
		}
		if in.Body != nil || adopted {
			outputs[in.Node] = out
		}
	}
	return outputs, nil
}

// endCampaigns completes the idle campaigns: of their current plan nothing is open. One fails when a step failed; what
// people rejected or let expire is their decision, not a failure.
func endCampaigns(camps map[string]store.Campaign, idle []store.Idle) (entries []audit.Entry, ending store.Ending) {
	for _, i := range idle {
		state := "completed"
		if i.Progress["failed"] > 0 {
			state = "failed"
		}
		ending.Add(i.ID, state, camps[i.ID].StateVersion)
		entries = append(entries, entry("campaign."+state, "campaign", i.ID, map[string]any{"plan_version": camps[i.ID].PlanVersion, "progress": i.Progress}))
	}
	return entries, ending
}
