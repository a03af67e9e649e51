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
	"chimera/services/internal/tenancy"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// LoadCase gathers from one transaction all a verdict on a result goes by.
func (c *Committer) LoadCase(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result) (judge.Case, error) {
	known, err := c.loadFacts(ctx, tx, []store.Task{t})
	if err != nil {
		return judge.Case{}, err
	}
	cases, failed, err := c.loadCases(ctx, tx, known, []store.Task{t}, []*busv1.Result{r})
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
func (c *Committer) loadCases(ctx context.Context, tx *store.Tx, f facts, tasks []store.Task, results []*busv1.Result) (cases []judge.Case, failed []error, err error) {
	cases, failed = make([]judge.Case, len(tasks)), make([]error, len(tasks))
	plans := make([]planContext, len(tasks))
	for i, t := range tasks {
		if t.ResolvesEffect != nil {
			continue
		}
		if plans[i], err = c.planContext(ctx, tx, f.campaigns[t.CampaignID], t.PlanVersion); errors.Is(err, errStoredPlan) {
			failed[i], err = err, nil
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if err := f.loadOwn(ctx, tx, tasks, plans); err != nil {
		return nil, nil, err
	}
	for i, t := range tasks {
		if failed[i] != nil {
			continue
		}
		camp, r, n := f.campaigns[t.CampaignID], results[i], plans[i].nodes[t.Node]
		cases[i] = judge.Case{
			Task: Message(tx.Scope().Tenant, t, nil, nil), Result: r, Policy: f.policy, OutputSchema: f.schemas[t.Tool],
			Accept: n.Accept, ReviewedLater: n.ReviewedLater, Revision: n.Revision, Never: plans[i].campaign.Persona.GetNever(),
			Platform: f.platform(t, plans[i]), PostsLast24h: f.published[t.Account()+t.Tool],
			SpentMicros: camp.SpentMicros - r.GetUsage().GetCostMicros(), BudgetMicros: camp.BudgetMicros,
			Attempt: t.Attempt, MaxAttempts: t.MaxAttempts, HeldSince: t.HeldSince, TaskStateVersion: t.StateVersion, Now: tx.Now(), NewID: newID,
		}
		cases[i].InputConfidence, failed[i] = inputConfidence(f.inputs[t.ID])
	}
	return cases, failed, nil
}

func (c *Committer) loadFacts(ctx context.Context, tx *store.Tx, tasks []store.Task) (facts, error) {
	ids := make([]string, len(tasks))
	for i, t := range tasks {
		ids[i] = t.ID
	}
	known, err := tx.Judged(ctx, ids)
	if err != nil {
		return facts{}, err
	}
	return c.factsOf(tx, known)
}

// factsOf decodes what was read with the tasks.
func (c *Committer) factsOf(tx *store.Tx, known store.Taken) (f facts, err error) {
	f = facts{schemas: map[string]json.RawMessage{}, campaigns: map[string]store.Campaign{}, accounts: map[string]store.Account{}, published: map[string]int{}}
	for _, camp := range known.Campaigns {
		f.campaigns[camp.ID] = camp
	}
	for _, tool := range known.Pins {
		if f.schemas[tool.Name], err = outputSchema(tool); err != nil {
			return f, err
		}
	}
	f.policy, err = c.policy(tx.Scope().Tenant, known.Policy)
	return f, err
}

// spend counts a cost that is booked later in the same transaction: a campaign's results are judged by all of them.
func (f *facts) spend(campaignID string, micros int64) {
	camp := f.campaigns[campaignID]
	camp.SpentMicros += micros
	f.campaigns[campaignID] = camp
}

// loadOwn reads what only some tasks need: what they build on, their account where the plan does not tell it, and
// what an account has published where something is proposed for it.
func (f *facts) loadOwn(ctx context.Context, tx *store.Tx, tasks []store.Task, plans []planContext) error {
	var building, accounts, proposing []string
	for i, t := range tasks {
		if len(plans[i].nodes[t.Node].DependsOn) > 0 {
			building = append(building, t.ID)
		}
		if t.AccountID != nil && !plans[i].knows(*t.AccountID) {
			accounts = append(accounts, *t.AccountID)
		}
		if t.AccountID != nil && t.Mode == "propose" {
			proposing = append(proposing, *t.AccountID)
		}
	}
	if len(accounts) > 0 {
		found, err := tx.AccountsGet(ctx, distinct(accounts))
		if err != nil {
			return err
		}
		for _, a := range found {
			f.accounts[a.ID] = a
		}
	}
	if len(proposing) > 0 {
		published, err := tx.PublishedLastDay(ctx, distinct(proposing))
		if err != nil {
			return err
		}
		for _, p := range published {
			f.published[p.AccountID+p.Tool] = p.N
		}
	}
	if len(building) == 0 {
		return nil
	}
	var err error
	f.inputs, err = tx.Inputs(ctx, building)
	return err
}

func (f *facts) platform(t store.Task, pc planContext) string {
	for _, a := range pc.campaign.Accounts {
		if a.ID == t.Account() {
			return a.Platform
		}
	}
	return f.accounts[t.Account()].Platform
}

func (p planContext) knows(accountID string) bool {
	for _, a := range p.campaign.Accounts {
		if a.ID == accountID {
			return true
		}
	}
	return false
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// policy decodes a tenant's policy once for each version.
func (c *Committer) policy(tenant tenancy.ID, stored store.Policy) (*platformv1.Policy, error) {
	if p := c.policies.get(tenant, stored.Version); p != nil {
		return p, nil
	}
	p := &platformv1.Policy{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(stored.Body, p); err != nil {
		return nil, fmt.Errorf("stored policy: %w", err)
	}
	p.Version = stored.Version
	c.policies.put(tenant, p)
	return p, nil
}

// outputSchema is the tool's as this tenant pinned it; nil without one.
func outputSchema(tool store.Tool) (json.RawMessage, error) {
	if tool.PinnedDescriptor == nil {
		return nil, nil
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
