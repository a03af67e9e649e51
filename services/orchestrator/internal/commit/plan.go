package commit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/encoding/protojson"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

// plannerCampaign is the campaign as the planner sees it, with the agent's persona of the given version.
func plannerCampaign(c store.Campaign, version int32, persona json.RawMessage, accounts []store.Account) (planner.Campaign, error) {
	out := planner.Campaign{
		ID: c.ID, AgentID: c.AgentID, Goal: c.Goal, Playbook: c.Playbook, PersonaVersion: version,
		Persona: &platformv1.Persona{}, Params: &platformv1.CampaignParameters{},
	}
	lenient := protojson.UnmarshalOptions{DiscardUnknown: true}
	if err := lenient.Unmarshal(persona, out.Persona); err != nil {
		return out, fmt.Errorf("stored persona: %w", err)
	}
	if err := lenient.Unmarshal(c.Parameters, out.Params); err != nil {
		return out, fmt.Errorf("stored parameters: %w", err)
	}
	for _, a := range accounts {
		out.Accounts = append(out.Accounts, planner.Account{ID: a.ID, Platform: a.Platform, Handle: a.Handle})
	}
	return out, nil
}

// planning is a plan version in the making.
type planning struct {
	personaVersion int32
	nodes, before  []planner.Node
	// fresh names the nodes that get a new task; the rest carries theirs over.
	fresh map[string]bool
	cause string
	// of, if known, lets first steps be bound before they are written.
	of *planner.Campaign
	// pins are what first steps are bound to; nil when that was not asked yet.
	pins *pinned
	// request and traceparent are whose plan this is, if not the transaction's own caller's.
	request, traceparent string
}

// writePlan stores the next plan version: new tasks for the fresh nodes, carried-over ones for the rest.
// Finished nodes are never silently redone. The campaign's row is locked by the caller. progress counts the tasks by
// state; nil when that takes looking, because more moved than was written.
func (c *Committer) writePlan(ctx context.Context, tx *store.Tx, camp store.Campaign, p planning) (progress map[string]int32, entries []audit.Entry, err error) {
	plan, tasks, err := c.planRows(ctx, tx, camp, p)
	if err != nil {
		return nil, nil, err
	}
	state := "running"
	if camp.State == "paused" {
		state = "paused" // a revision does not lift a pause
	}
	tx.PlanWrite(plan, tasks, camp.StateVersion, state)
	return c.planWritten(ctx, tx, plan, tasks)
}

// planRows is the next plan version with its tasks, yet to be written.
func (c *Committer) planRows(ctx context.Context, tx *store.Tx, camp store.Campaign, p planning) (store.Plan, []store.PlanTask, error) {
	version := camp.PlanVersion + 1
	raw, err := json.Marshal(p.nodes)
	if err != nil {
		return store.Plan{}, nil, fmt.Errorf("plan: %w", err)
	}
	added, removed := planner.Diff(p.before, p.nodes)
	tasks, err := c.planTasks(ctx, tx, camp, version, p)
	return store.Plan{CampaignID: camp.ID, Version: version, Cause: p.cause, PersonaVersion: p.personaVersion, Nodes: raw, Added: notNil(added), Removed: notNil(removed)}, tasks, err
}

// planWritten does what follows from a plan version that was written just now. progress is as writePlan says.
func (c *Committer) planWritten(ctx context.Context, tx *store.Tx, plan store.Plan, tasks []store.PlanTask) (progress map[string]int32, entries []audit.Entry, err error) {
	if bytes.Contains(plan.Nodes, []byte(`"at":`)) {
		if err := tx.PlannedTimes(ctx, plan.CampaignID, plan.Nodes); err != nil {
			return nil, nil, err
		}
	}
	entries = []audit.Entry{entry("plan.written", "campaign", plan.CampaignID, map[string]any{"version": plan.Version, "cause": plan.Cause, "added": plan.Added, "removed": plan.Removed})}
	if plan.Version == 1 {
		if progress = begun(tasks); progress != nil {
			return progress, entries, nil
		}
	}
	more, err := c.advance(ctx, tx, plan.CampaignID)
	return nil, append(entries, more...), err
}

// begun counts a first plan's tasks by state; nil unless each is ready, sent or waits for one that is not done. Then nothing
// else can move: what advance would look for is known not to be there.
func begun(tasks []store.PlanTask) map[string]int32 {
	if len(tasks) == 0 {
		return nil
	}
	counts := map[string]int32{}
	for _, t := range tasks {
		if t.State != "ready" && t.State != "queued" && len(t.DependsOn) == 0 {
			return nil
		}
		counts[t.State]++
	}
	return counts
}

func (c *Committer) planTasks(ctx context.Context, tx *store.Tx, camp store.Campaign, version int32, p planning) ([]store.PlanTask, error) {
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
	tasks := make([]store.PlanTask, 0, len(p.nodes))
	for _, n := range p.nodes {
		t := store.PlanTask{Task: store.Task{ID: ids[n.Key], Node: n.Key}}
		if p.fresh[n.Key] {
			ids[n.Key] = newID()
			t = store.PlanTask{Task: newTask(ctx, tx, camp, n, ids[n.Key], version, p), DependsOn: dependencies(n, ids), Fresh: true}
		}
		tasks = append(tasks, t)
	}
	if p.of == nil {
		return tasks, nil
	}
	pc := newPlanContext(*p.of, p.nodes)
	saw(ctx, planKey{tx.Scope().Tenant, camp.ID, version}, pc)
	return tasks, c.readyFirst(ctx, tx, pc, p.pins, camp.State, tasks)
}

// readyFirst makes tasks that wait for nothing ready before they are written, or queued if they would be dispatched at
// once: that saves writing them twice, or three times. Whatever stands in the way, advance and TakeReady deal with.
func (c *Committer) readyFirst(ctx context.Context, tx *store.Tx, pc planContext, pins *pinned, campaign string, tasks []store.PlanTask) error {
	if pins == nil {
		var first []store.Task
		for _, t := range tasks {
			if t.Fresh && len(t.DependsOn) == 0 {
				first = append(first, t.Task)
			}
		}
		_, asked, err := c.pins(ctx, tx, nil, toolsOf(first))
		if err != nil {
			return err
		}
		pins = &asked
	}
	if campaign != "paused" {
		campaign = "running" // as the plan is written
	}
	sent := make([]*store.ReadyTask, len(tasks))
	for i := range tasks {
		t := &tasks[i]
		if !t.Fresh || len(t.DependsOn) > 0 {
			continue
		}
		b, err := pins.bind(ctx, tx, pc, t.Task, nil)
		if errors.As(err, new(cannotBind)) || errs.ReasonOf(err) == typev1.Reason_REASON_TOOL_UNKNOWN {
			continue
		}
		if err != nil {
			return err
		}
		sent[i] = pins.sendable(tx, campaign, t.Task, b, nil)
		t.State, t.Arguments, t.ToolDigest, t.SpecDigest, t.Tainted, t.NotBefore, t.Deadline = "ready", b.Arguments, b.ToolDigest, b.SpecDigest, b.Tainted, b.NotBefore, b.Deadline
	}
	if pins.roomFor(sent) {
		for i, r := range sent {
			if r != nil {
				tasks[i].State, tasks[i].Send = r.State, r
				pins.room--
			}
		}
	}
	return nil
}

func newTask(ctx context.Context, tx *store.Tx, camp store.Campaign, n planner.Node, id string, version int32, p planning) store.Task {
	t := store.Task{
		ID: id, CampaignID: camp.ID, AgentID: camp.AgentID, PlanVersion: version, PersonaVersion: p.personaVersion, Node: n.Key,
		Kind: kindWords[n.Kind], Mode: modeWords[n.Mode], Tool: n.Tool, State: "blocked", Arguments: []byte{}, MaxAttempts: n.MaxAttempts, Priority: n.Priority,
		TimeoutMS: int32(n.Timeout.Milliseconds()), DelayMS: n.Delay.Milliseconds(), MaxCostMicros: camp.BudgetMicros, NotBefore: tx.Now(), RequestID: cmp.Or(p.request, tx.Scope().RequestID), Traceparent: cmp.Or(p.traceparent, traceparent(ctx)),
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
		return p, nil, fmt.Errorf("%w: %w", errStoredPlan, err)
	}
	return p, nodes, nil
}
