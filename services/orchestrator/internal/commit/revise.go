package commit

import (
	"cmp"
	"context"
	"encoding/json"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

// revise writes plan version n+1 with a new draft behind the task's account; all else is carried over. text is what
// the remarks are about. Conflict LIMIT_EXCEEDED when it was revised too often.
func (c *Committer) revise(ctx context.Context, tx *store.Tx, t store.Task, text, remarks, cause string) ([]audit.Entry, error) {
	camp, err := tx.CampaignLock(ctx, t.CampaignID)
	if err != nil {
		return nil, err
	}
	if camp.State != "running" && camp.State != "paused" {
		return nil, nil // a cancelled campaign wants no new draft
	}
	plan, nodes, err := planNodes(ctx, tx, camp.ID, camp.PlanVersion)
	if err != nil {
		return nil, err
	}
	var words []string
	if remarks != "" {
		words = []string{remarks}
	}
	next, replaced, err := planner.Revise(nodes, t.Node, words, text)
	if err != nil {
		return nil, err
	}
	fresh := make(map[string]bool, len(replaced))
	for _, key := range replaced {
		fresh[key] = true
	}
	if err := retire(ctx, tx, camp, fresh); err != nil {
		return nil, err
	}
	_, entries, err := c.writePlan(ctx, tx, camp, planning{personaVersion: plan.PersonaVersion, nodes: next, before: nodes, fresh: fresh, cause: cause})
	return entries, err
}

// retire ends the open tasks that the next version replaces.
func retire(ctx context.Context, tx *store.Tx, camp store.Campaign, replaced map[string]bool) error {
	open, err := tx.OpenTasks(ctx, camp.ID)
	if err != nil {
		return err
	}
	for _, t := range open {
		if replaced[t.Node] && t.ResolvesEffect == nil && t.State != "unknown" {
			if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "cancelled"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// textOf finds a post's words in a draft's output, a proposal's payload or a publisher's arguments; "" without any.
func textOf(raw []byte) string {
	var content struct {
		Text    string `json:"text"`
		Payload struct {
			Text string `json:"text"`
		} `json:"payload"`
	}
	_ = json.Unmarshal(raw, &content) // another tool's JSON has no text
	return cmp.Or(content.Payload.Text, content.Text)
}

func canonicalOutput(r *busv1.Result) ([]byte, string, error) {
	canonical, err := grant.Canonical(r.GetOutputJson())
	if err != nil {
		return nil, "", err
	}
	return canonical, grant.Hex(canonical), nil
}
