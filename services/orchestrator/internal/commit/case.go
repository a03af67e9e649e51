package commit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// LoadCase gathers from one transaction all a verdict on a result goes by.
func (c *Committer) LoadCase(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result) (judge.Case, error) {
	cases, failed, err := c.loadCases(ctx, tx, []store.Task{t}, []*busv1.Result{r})
	if err != nil {
		return judge.Case{}, err
	}
	return cases[0], failed[0]
}

// facts is what the cases of one tenant share, each read once.
type facts struct {
	policy    *platformv1.Policy
	schemas   map[string]json.RawMessage
	campaigns map[string]store.Campaign
	accounts  map[string]store.Account
	published map[string]int // by account and tool
	inputs    map[string][]store.Input
}

// loadCases is LoadCase for many tasks in a handful of statements. failed holds what is wrong with one task's own
// stored data; err is of them all.
func (c *Committer) loadCases(ctx context.Context, tx *store.Tx, tasks []store.Task, results []*busv1.Result) (cases []judge.Case, failed []error, err error) {
	f, err := c.loadFacts(ctx, tx, tasks)
	if err != nil {
		return nil, nil, err
	}
	cases, failed = make([]judge.Case, len(tasks)), make([]error, len(tasks))
	for i, t := range tasks {
		camp, r := f.campaigns[t.CampaignID], results[i]
		k := judge.Case{
			Task: Message(tx.Scope().Tenant, t, nil, nil), Result: r, Policy: f.policy, OutputSchema: f.schemas[t.Tool],
			SpentMicros: camp.SpentMicros - r.GetUsage().GetCostMicros(), BudgetMicros: camp.BudgetMicros,
			Attempt: t.Attempt, MaxAttempts: t.MaxAttempts, TaskStateVersion: t.StateVersion, Now: tx.Now(), NewID: newID,
		}
		if id := t.Account(); id != "" {
			k.Platform, k.PostsLast24h = f.accounts[id].Platform, f.published[id+t.Tool]
		}
		if t.ResolvesEffect == nil {
			pc, err := c.planContext(ctx, tx, camp, t.PlanVersion)
			if errors.Is(err, errStoredPlan) {
				failed[i] = err
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			n := pc.nodes[t.Node]
			k.Accept, k.ReviewedLater, k.Revision, k.Never = n.Accept, n.ReviewedLater, n.Revision, pc.campaign.Persona.GetNever()
		}
		k.InputConfidence, failed[i] = inputConfidence(f.inputs[t.ID])
		cases[i] = k
	}
	return cases, failed, nil
}

func (c *Committer) loadFacts(ctx context.Context, tx *store.Tx, tasks []store.Task) (facts, error) {
	f := facts{schemas: map[string]json.RawMessage{}, campaigns: map[string]store.Campaign{}, accounts: map[string]store.Account{}, published: map[string]int{}}
	var ids, campaigns, accounts []string
	for _, t := range tasks {
		ids, campaigns = append(ids, t.ID), append(campaigns, t.CampaignID)
		if id := t.Account(); id != "" {
			accounts = append(accounts, id)
		}
	}
	var err error
	if f.policy, err = c.policy(ctx, tx); err != nil {
		return f, err
	}
	for _, t := range tasks {
		if _, ok := f.schemas[t.Tool]; !ok {
			if f.schemas[t.Tool], err = outputSchema(ctx, tx, t.Tool); err != nil {
				return f, err
			}
		}
	}
	found, err := tx.CampaignsGet(ctx, distinct(campaigns))
	if err != nil {
		return f, err
	}
	for _, camp := range found {
		f.campaigns[camp.ID] = camp
	}
	if len(accounts) > 0 {
		if err := f.loadAccounts(ctx, tx, distinct(accounts)); err != nil {
			return f, err
		}
	}
	f.inputs, err = tx.Inputs(ctx, ids)
	return f, err
}

func (f *facts) loadAccounts(ctx context.Context, tx *store.Tx, ids []string) error {
	found, err := tx.AccountsGet(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range found {
		f.accounts[a.ID] = a
	}
	published, err := tx.PublishedLastDay(ctx, ids)
	for _, p := range published {
		f.published[p.AccountID+p.Tool] = p.N
	}
	return err
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (c *Committer) policy(ctx context.Context, tx *store.Tx) (*platformv1.Policy, error) {
	stored, err := tx.PolicyCurrent(ctx)
	if err != nil {
		return nil, err
	}
	if p := c.policies.get(tx.Scope().Tenant, stored.Version); p != nil {
		return p, nil
	}
	p := &platformv1.Policy{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(stored.Body, p); err != nil {
		return nil, fmt.Errorf("stored policy: %w", err)
	}
	p.Version = stored.Version
	c.policies.put(tx.Scope().Tenant, p)
	return p, nil
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
func inputConfidence(inputs []store.Input) (*busv1.Confidence, error) {
	var lowest *busv1.Confidence
	for _, in := range inputs {
		if in.Body == nil {
			continue
		}
		var r busv1.Result
		if err := proto.Unmarshal(in.Body, &r); err != nil {
			return nil, fmt.Errorf("stored result: %w", err)
		}
		if in.Confirmed && r.GetOutcome() != busv1.EffectOutcome_EFFECT_OUTCOME_DONE {
			continue // adopted: what its lost attempt said of itself no longer counts, a person had approved the bytes
		}
		if lowest == nil || r.GetConfidence().GetScore() < lowest.GetScore() {
			lowest = r.GetConfidence()
		}
	}
	return lowest, nil
}
