package commit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

// stallWait is how long a task that cannot start yet waits before it is looked at again.
const stallWait = 5 * time.Second

// plannerCampaign is the campaign as the planner sees it, with the persona of the given version.
func plannerCampaign(ctx context.Context, tx *store.Tx, c store.Campaign, personaVersion int32) (planner.Campaign, error) {
	out := planner.Campaign{
		ID: c.ID, AgentID: c.AgentID, Goal: c.Goal, Playbook: c.Playbook, PersonaVersion: personaVersion,
		Persona: &platformv1.Persona{}, Params: &platformv1.CampaignParameters{},
	}
	version, err := tx.PersonaGet(ctx, c.AgentID, personaVersion)
	if err != nil {
		return out, err
	}
	lenient := protojson.UnmarshalOptions{DiscardUnknown: true}
	if err := lenient.Unmarshal(version.Persona, out.Persona); err != nil {
		return out, fmt.Errorf("stored persona: %w", err)
	}
	if err := lenient.Unmarshal(c.Parameters, out.Params); err != nil {
		return out, fmt.Errorf("stored parameters: %w", err)
	}
	accounts, err := tx.CampaignAccounts(ctx, c.ID)
	for _, a := range accounts {
		out.Accounts = append(out.Accounts, planner.Account{ID: a.ID, Platform: a.Platform, Handle: a.Handle})
	}
	return out, err
}

// writePlan stores the next plan version: new tasks for the nodes in fresh, carried-over ones for the rest.
// Finished nodes are never silently redone. The campaign's row is locked by the caller.
func (c *Committer) writePlan(ctx context.Context, tx *store.Tx, camp store.Campaign, personaVersion int32, nodes, before []planner.Node, fresh map[string]bool, cause string) ([]audit.Entry, error) {
	version := camp.PlanVersion + 1
	raw, err := json.Marshal(nodes)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	added, removed := planner.Diff(before, nodes)
	if err := tx.PlanInsert(ctx, store.Plan{CampaignID: camp.ID, Version: version, Cause: cause, PersonaVersion: personaVersion, Nodes: raw, Added: notNil(added), Removed: notNil(removed)}); err != nil {
		return nil, err
	}
	ids := map[string]string{}
	if camp.PlanVersion > 0 {
		carried, err := tx.PlanTasks(ctx, camp.ID, camp.PlanVersion)
		if err != nil {
			return nil, err
		}
		for _, t := range carried {
			ids[t.Node] = t.ID
		}
	}
	for _, n := range nodes {
		if fresh[n.Key] {
			ids[n.Key] = newID()
			if err := tx.TaskInsert(ctx, newTask(ctx, tx, camp, n, ids[n.Key], version, personaVersion), dependencies(n, ids)); err != nil {
				return nil, err
			}
		}
		if err := tx.PlanNodeInsert(ctx, camp.ID, version, n.Key, ids[n.Key]); err != nil {
			return nil, err
		}
	}
	state := "running"
	if camp.State == "paused" {
		state = "paused" // a revision does not lift a pause
	}
	if err := tx.CampaignUpdate(ctx, camp.ID, camp.StateVersion, state, version); err != nil {
		return nil, err
	}
	entries := []audit.Entry{entry("plan.written", "campaign", camp.ID, map[string]any{"version": version, "cause": cause, "added": added, "removed": removed})}
	more, err := c.advance(ctx, tx, camp.ID)
	return append(entries, more...), err
}

func newTask(ctx context.Context, tx *store.Tx, camp store.Campaign, n planner.Node, id string, version, personaVersion int32) store.Task {
	t := store.Task{
		ID: id, CampaignID: camp.ID, AgentID: camp.AgentID, PlanVersion: version, PersonaVersion: personaVersion, Node: n.Key,
		Kind: kindWords[n.Kind], Mode: modeWords[n.Mode], Tool: n.Tool, State: "blocked", Arguments: []byte{}, MaxAttempts: n.MaxAttempts, Priority: n.Priority,
		TimeoutMS: int32(n.Timeout.Milliseconds()), DelayMS: n.Delay.Milliseconds(), MaxCostMicros: camp.BudgetMicros, NotBefore: tx.Now(), RequestID: tx.Scope().RequestID, Traceparent: traceparent(ctx),
	}
	if n.AccountID != "" {
		t.AccountID = &n.AccountID
	}
	return t
}

// traceparent is the caller's trace, to rest in a row until the task is sent.
func traceparent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier.Get("traceparent")
}

func dependencies(n planner.Node, ids map[string]string) []string {
	out := make([]string, 0, len(n.DependsOn))
	for _, key := range n.DependsOn {
		out = append(out, ids[key])
	}
	return out
}

func notNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// planNodes decodes a stored plan version.
func planNodes(ctx context.Context, tx *store.Tx, campaignID string, version int32) (store.Plan, []planner.Node, error) {
	p, err := tx.PlanGet(ctx, campaignID, version)
	if err != nil {
		return p, nil, err
	}
	var nodes []planner.Node
	if err := json.Unmarshal(p.Nodes, &nodes); err != nil {
		return p, nil, fmt.Errorf("stored plan: %w", err)
	}
	return p, nodes, nil
}

// advance moves what a change made possible: cancels what can never run, readies what can run now, and ends
// the campaign when nothing is left. It belongs to every transaction that ends a task.
func (c *Committer) advance(ctx context.Context, tx *store.Tx, campaignID string) ([]audit.Entry, error) {
	camp, err := tx.CampaignLock(ctx, campaignID)
	if err != nil || (camp.State != "running" && camp.State != "paused") {
		return nil, err
	}
	entries, err := cancelDoomed(ctx, tx, campaignID)
	if err != nil {
		return nil, err
	}
	able, err := tx.Unblockable(ctx, campaignID)
	if err != nil {
		return nil, err
	}
	if len(able) > 0 {
		if err := c.ready(ctx, tx, camp, able); err != nil {
			return nil, err
		}
		// One that could not be bound has failed just now, and dooms what waits for it.
		more, err := cancelDoomed(ctx, tx, campaignID)
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	more, err := endCampaign(ctx, tx, camp)
	return append(entries, more...), err
}

func cancelDoomed(ctx context.Context, tx *store.Tx, campaignID string) ([]audit.Entry, error) {
	var entries []audit.Entry
	cause := errs.New(errs.Cancelled, typev1.Reason_REASON_CANCELLED, "a step it waits for did not succeed")
	for {
		doomed, err := tx.Doomed(ctx, campaignID)
		if err != nil || len(doomed) == 0 {
			return entries, err
		}
		for _, t := range doomed {
			if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "cancelled", Error: errorJSON(cause, t.RequestID)}); err != nil {
				return nil, err
			}
			entries = append(entries, entry("task.cancelled", "task", t.ID, map[string]any{"node": t.Node}))
		}
	}
}

func (c *Committer) ready(ctx context.Context, tx *store.Tx, camp store.Campaign, able []store.Task) error {
	contexts := map[int32]planContext{}
	for _, t := range able {
		pc, ok := contexts[t.PlanVersion]
		if !ok {
			var err error
			if pc, err = loadPlanContext(ctx, tx, camp, t.PlanVersion); err != nil {
				return err
			}
			contexts[t.PlanVersion] = pc
		}
		if err := c.readyOne(ctx, tx, pc, t); err != nil {
			return err
		}
	}
	return nil
}

type planContext struct {
	campaign planner.Campaign
	nodes    map[string]planner.Node
}

func loadPlanContext(ctx context.Context, tx *store.Tx, camp store.Campaign, version int32) (planContext, error) {
	plan, nodes, err := planNodes(ctx, tx, camp.ID, version)
	if err != nil {
		return planContext{}, err
	}
	pc := planContext{nodes: make(map[string]planner.Node, len(nodes))}
	for _, n := range nodes {
		pc.nodes[n.Key] = n
	}
	pc.campaign, err = plannerCampaign(ctx, tx, camp, plan.PersonaVersion)
	return pc, err
}

// readyOne binds a task's arguments from its dependencies' results and pins its tool. A task that cannot be
// bound fails with the reason; one whose tool no worker offers yet waits.
func (c *Committer) readyOne(ctx context.Context, tx *store.Tx, pc planContext, t store.Task) error {
	node, ok := pc.nodes[t.Node]
	if !ok {
		return fmt.Errorf("task %s: its plan has no node %q", t.ID, t.Node)
	}
	outputs, err := dependencyOutputs(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	b, err := planner.Bind(node, pc.campaign, outputs)
	if err != nil {
		if errs.KindOf(err) == errs.Internal {
			return err
		}
		return tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "failed", Error: errorJSON(err, t.RequestID)})
	}
	digest, err := pinTool(ctx, tx, t.Tool)
	if err != nil {
		if errs.ReasonOf(err) != typev1.Reason_REASON_TOOL_UNKNOWN {
			return err
		}
		return tx.TaskStall(ctx, t.ID, errorJSON(err, t.RequestID), stallWait)
	}
	s, err := bound(t, t.Mode, b.ArgumentsJSON, digest, b.Tainted)
	if err != nil {
		return err
	}
	if err := tx.TaskBind(ctx, t.ID, s); err != nil {
		return err
	}
	start := tx.Now().Add(time.Duration(t.DelayMS) * time.Millisecond)
	if node.Slot > 0 {
		if err := tx.SetDeadline(ctx, t.ID, start.Add(node.Slot)); err != nil {
			return err
		}
	}
	return tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "ready", NotBefore: &start})
}

func dependencyOutputs(ctx context.Context, tx *store.Tx, taskID string) (map[string]planner.Output, error) {
	ids, err := tx.TaskDependencies(ctx, taskID)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Outputs(ctx, ids)
	if err != nil {
		return nil, err
	}
	outputs := make(map[string]planner.Output, len(rows))
	done := map[string]bool{}
	for _, row := range rows {
		var r busv1.Result
		if err := proto.Unmarshal(row.Body, &r); err != nil {
			return nil, fmt.Errorf("stored result: %w", err)
		}
		outputs[row.Node] = planner.Output{JSON: r.GetOutputJson(), Method: r.GetProvenance().GetMethod(), Tainted: row.Tainted}
		done[row.Node] = r.GetOutcome() == busv1.EffectOutcome_EFFECT_OUTCOME_DONE
	}
	return outputs, adopt(ctx, tx, ids, outputs, done)
}

// adopt gives an effect that was settled without its own answer, by a look-up or a person, the receipt as its
// output: its last result is then a proposal or says nothing.
func adopt(ctx context.Context, tx *store.Tx, ids []string, outputs map[string]planner.Output, done map[string]bool) error {
	receipts, err := tx.Receipts(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range receipts {
		if done[r.Node] {
			continue
		}
		raw, err := json.Marshal(map[string]string{"remote_id": r.RemoteID, "uri": r.URI, "url": r.URL, "platform_key": r.PlatformKey})
		if err != nil {
			return err
		}
		out := outputs[r.Node]
		out.JSON = raw
		outputs[r.Node] = out
	}
	return nil
}

// pinTool answers the tenant's pinned digest. The first use of a tool pins what the workers see then; a change
// after that needs an admin (R8.4). TOOL_UNKNOWN while no worker offers it.
func pinTool(ctx context.Context, tx *store.Tx, name string) (string, error) {
	tool, err := tx.ToolGet(ctx, name)
	if store.IsMissing(err) {
		return "", errs.Newf(errs.Unavailable, typev1.Reason_REASON_TOOL_UNKNOWN, "no worker offers the tool %s yet; start the skill that has it", name)
	}
	if err != nil {
		return "", err
	}
	if tool.PinnedDigest != nil {
		return *tool.PinnedDigest, nil
	}
	return tool.Digest, tx.ToolPin(ctx, name, tool.Digest, "first use")
}

// endCampaign completes a campaign of whose current plan nothing is open. It fails when a step failed; what
// people rejected or let expire is their decision, not a failure.
func endCampaign(ctx context.Context, tx *store.Tx, camp store.Campaign) ([]audit.Entry, error) {
	progress, err := tx.CampaignProgress(ctx, camp.ID, camp.PlanVersion)
	if err != nil {
		return nil, err
	}
	state := "completed"
	for s, n := range progress {
		switch s {
		case "succeeded", "rejected", "expired", "cancelled":
		case "failed":
			state = "failed"
		default:
			if n > 0 {
				return nil, nil
			}
		}
	}
	if err := tx.CampaignUpdate(ctx, camp.ID, camp.StateVersion, state, camp.PlanVersion); err != nil {
		return nil, err
	}
	return []audit.Entry{entry("campaign."+state, "campaign", camp.ID, map[string]any{"plan_version": camp.PlanVersion, "progress": progress})}, nil
}
