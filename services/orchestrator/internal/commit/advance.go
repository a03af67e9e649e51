package commit

import (
	"context"
	"encoding/json"
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
		if err := tx.SetDeadline(ctx, t.ID, later(start, node.At).Add(node.Slot)); err != nil {
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
