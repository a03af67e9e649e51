package commit

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// LoadCase gathers from one transaction all a verdict on a result goes by.
func LoadCase(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result) (judge.Case, error) {
	c := judge.Case{
		Task: Message(tx.Scope().Tenant, t, nil, nil), Result: r, Policy: &platformv1.Policy{},
		Attempt: t.Attempt, MaxAttempts: t.MaxAttempts, TaskStateVersion: t.StateVersion, Now: tx.Now(), NewID: newID,
	}
	lenient := protojson.UnmarshalOptions{DiscardUnknown: true}
	policy, err := tx.PolicyCurrent(ctx)
	if err != nil {
		return c, err
	}
	if err := lenient.Unmarshal(policy.Body, c.Policy); err != nil {
		return c, fmt.Errorf("stored policy: %w", err)
	}
	c.Policy.Version = policy.Version
	if c.OutputSchema, err = outputSchema(ctx, tx, t.Tool); err != nil {
		return c, err
	}
	camp, err := tx.CampaignGet(ctx, t.CampaignID)
	if err != nil {
		return c, err
	}
	c.SpentMicros, c.BudgetMicros = camp.SpentMicros-r.GetUsage().GetCostMicros(), camp.BudgetMicros
	if id := t.Account(); id != "" {
		account, err := tx.AccountGet(ctx, id)
		if err != nil {
			return c, err
		}
		c.Platform = account.Platform
		if c.PostsLast24h, err = tx.ConfirmedLastDay(ctx, id, t.Tool); err != nil {
			return c, err
		}
	}
	if t.ResolvesEffect == nil {
		if err := fromPlan(ctx, tx, t, &c); err != nil {
			return c, err
		}
	}
	return c, inputConfidence(ctx, tx, t.ID, &c)
}

func fromPlan(ctx context.Context, tx *store.Tx, t store.Task, c *judge.Case) error {
	plan, nodes, err := planNodes(ctx, tx, t.CampaignID, t.PlanVersion)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if n.Key == t.Node {
			c.Accept, c.ReviewedLater, c.Revision = n.Accept, n.ReviewedLater, n.Revision
		}
	}
	version, err := tx.PersonaGet(ctx, t.AgentID, plan.PersonaVersion)
	if err != nil {
		return err
	}
	var persona platformv1.Persona
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(version.Persona, &persona); err != nil {
		return fmt.Errorf("stored persona: %w", err)
	}
	c.Never = persona.GetNever()
	return nil
}

// outputSchema is the tool's as this tenant pinned it; nil without one.
func outputSchema(ctx context.Context, tx *store.Tx, name string) (json.RawMessage, error) {
	tool, err := tx.ToolGet(ctx, name)
	if store.IsMissing(err) || tool.PinnedDescriptor == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d grant.ToolDescriptor
	if err := json.Unmarshal([]byte(*tool.PinnedDescriptor), &d); err != nil {
		return nil, fmt.Errorf("pinned descriptor: %w", err)
	}
	return d.OutputSchema, nil
}

// inputConfidence is the lowest among what went in: a certain publisher does not make an uncertain draft certain.
func inputConfidence(ctx context.Context, tx *store.Tx, taskID string, c *judge.Case) error {
	ids, err := tx.TaskDependencies(ctx, taskID)
	if err != nil {
		return err
	}
	rows, err := tx.Outputs(ctx, ids)
	if err != nil {
		return err
	}
	receipts, err := tx.Receipts(ctx, ids)
	if err != nil {
		return err
	}
	settled := make(map[string]bool, len(receipts))
	for _, r := range receipts {
		settled[r.Node] = true
	}
	for _, row := range rows {
		var r busv1.Result
		if err := proto.Unmarshal(row.Body, &r); err != nil {
			return fmt.Errorf("stored result: %w", err)
		}
		if settled[row.Node] && r.GetOutcome() != busv1.EffectOutcome_EFFECT_OUTCOME_DONE {
			continue // adopted: what its lost attempt said of itself no longer counts, a person had approved the bytes
		}
		if c.InputConfidence == nil || r.GetConfidence().GetScore() < c.InputConfidence.GetScore() {
			c.InputConfidence = r.GetConfidence()
		}
	}
	return nil
}
