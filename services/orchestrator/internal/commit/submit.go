package commit

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"

	"google.golang.org/protobuf/encoding/protojson"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/gather"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

const (
	// submitLanes is how many transactions of submissions are under way at once; a tenant's are all in one lane.
	submitLanes = 2
	// submitTogether is how many submissions one transaction takes.
	submitTogether = 16
)

// submission is a goal on its way into a transaction, with those that came together with it (decision 0088).
type submission struct {
	scope       tenancy.Scope
	traceparent string
	idem        Idempotency
	camp        store.Campaign
	accountIDs  []string
	start       bool
}

type submitted struct {
	Whole
	Err error
}

// submissions are the lanes.
type submissions struct {
	seed  maphash.Seed
	lanes [submitLanes]*gather.Gather[submission, submitted]
}

func newSubmissions(work func(context.Context, []submission) ([]submitted, error)) *submissions {
	s := &submissions{seed: maphash.MakeSeed()}
	for i := range s.lanes {
		s.lanes[i] = gather.New(gather.Config{Max: submitTogether}, work)
	}
	return s
}

// CreateCampaign stores a goal as a draft. It is planned once, without being written, so that a campaign that
// cannot be planned is refused here and not at its start. A caller who goes before the answer finds the campaign under its
// key, as after a lost answer.
func (c *Committer) CreateCampaign(ctx context.Context, sc tenancy.Scope, idem Idempotency, camp store.Campaign, params *platformv1.CampaignParameters, accountIDs []string) (Whole, error) {
	return c.submit(ctx, submission{scope: sc, idem: idem, camp: camp, accountIDs: accountIDs}, params)
}

// CreateRunning is CreateCampaign and StartCampaign in one transaction (decision 0081): by the same rules, and with the
// same rows and audit entries. Repeated under its key it answers the campaign, whatever became of it; it is not started anew.
func (c *Committer) CreateRunning(ctx context.Context, sc tenancy.Scope, idem Idempotency, camp store.Campaign, params *platformv1.CampaignParameters, accountIDs []string) (Whole, error) {
	return c.submit(ctx, submission{scope: sc, idem: idem, camp: camp, accountIDs: accountIDs, start: true}, params)
}

func (c *Committer) submit(ctx context.Context, s submission, params *platformv1.CampaignParameters) (Whole, error) {
	for _, feed := range params.GetFeeds() {
		// Parameters rest in clear, travel on the bus and stand in the audit: no place for a password.
		if u, err := url.Parse(feed); err != nil || u.User != nil {
			return Whole{}, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "a feed's address must be readable without a user name or password in it")
		}
	}
	body, err := protojson.Marshal(params)
	if err != nil {
		return Whole{}, fmt.Errorf("parameters: %w", err)
	}
	s.camp.Parameters, s.camp.BudgetMicros, s.traceparent = body, params.GetBudgetMicros(), traceparent(ctx)
	out, err := c.submissions.lanes[maphash.String(c.submissions.seed, string(s.scope.Tenant))%submitLanes].Do(ctx, s)
	if err != nil {
		return Whole{}, err
	}
	return out.Whole, out.Err
}

// submitAll stores what came together. One that cannot be stored does not hold up the others.
func (c *Committer) submitAll(ctx context.Context, in []submission) ([]submitted, error) {
	out := make([]submitted, len(in))
	for _, at := range inRounds(in) {
		items := make([]submission, len(at))
		for n, i := range at {
			items[n] = in[i]
		}
		for n, done := range inBatches(ctx, c, items, submissionsParts, c.submitPart) {
			out[at[n]] = done
		}
	}
	return out, nil
}

// inRounds takes apart what must not be in one transaction: a tenant's turn acts for one person, and of two calls with one key the
// second must find what the first made.
func inRounds(in []submission) (rounds [][]int) {
	type person struct {
		round  int
		tenant tenancy.ID
	}
	type keyed struct {
		person
		method, key string
	}
	actors, keys := map[person]string{}, map[keyed]bool{}
	for i, s := range in {
		for r := 0; ; r++ {
			who := person{r, s.scope.Tenant}
			key := keyed{who, s.idem.Method, s.idem.Key}
			if actor, taken := actors[who]; (taken && actor != s.scope.Actor) || (s.idem.Key != "" && keys[key]) {
				continue
			}
			actors[who], keys[key] = s.scope.Actor, true
			if r == len(rounds) {
				rounds = append(rounds, nil)
			}
			rounds[r] = append(rounds[r], i)
			break
		}
	}
	return rounds
}

var submissionsParts = parts[submission, submitted]{
	scope:  func(s submission) tenancy.Scope { return s.scope },
	failed: func(err error) submitted { return submitted{Err: err} },
	again: func(s submission, err error) bool {
		// A twin with the same key was faster: its answer is there now.
		var e *errs.Error
		return s.idem.Key != "" && errors.As(err, &e) && e.Meta["constraint"] == "idempotency_keys_pkey"
	},
}

// submitPart stores one tenant's submissions, unless their keys' first calls made them.
func (c *Committer) submitPart(ctx context.Context, tx *store.Tx, in []submission) ([]submitted, []audit.Entry, error) {
	look, credit := c.outbox.look(tx)
	found, err := tx.CampaignParts(ctx, soughtBy(in, look))
	if err != nil {
		return nil, nil, err
	}
	pins := c.pinsOf(tx, found.Pins, credit)
	out := make([]submitted, len(in))
	var fresh []int
	var rows []store.NewCampaign
	for i, s := range in {
		if earlier, ok := found.Earlier[store.IdempotencyKey{Method: s.idem.Method, Key: s.idem.Key}]; ok && s.idem.Key != "" {
			if out[i].Err = errKeyReused; earlier.RequestSHA256 == s.idem.RequestSHA256 {
				out[i].Whole, out[i].Err = wholeGet(ctx, tx, string(earlier.Response))
			}
			continue
		}
		row, p, err := s.compose(found)
		if out[i].Err = err; err != nil {
			continue
		}
		if s.start {
			p.pins = &pins
			plan, tasks, err := c.planRows(ctx, tx, row.Campaign, p)
			if err != nil {
				return nil, nil, err
			}
			row.Plan, row.Tasks = &plan, tasks
		}
		fresh, rows = append(fresh, i), append(rows, row)
	}
	tx.CampaignsInsert(rows)
	var entries []audit.Entry
	var keys []store.IdempotentResponse
	for n, i := range fresh {
		if s := in[i]; s.idem.Key != "" {
			keys = append(keys, store.IdempotentResponse{IdempotencyKey: store.IdempotencyKey{Method: s.idem.Method, Key: s.idem.Key}, RequestSHA256: s.idem.RequestSHA256, Response: []byte(rows[n].ID)})
		}
		more, err := c.inserted(ctx, tx, in[i], rows[n], found, &out[i].Whole)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, more...)
	}
	tx.IdempotencyPut(keys)
	return out, entries, nil
}

// soughtBy is all that submissions are checked by and made of.
func soughtBy(in []submission, look store.Look) store.Sought {
	sought := store.Sought{Look: look}
	for _, s := range in {
		if s.idem.Key != "" {
			sought.Keys = append(sought.Keys, store.IdempotencyKey{Method: s.idem.Method, Key: s.idem.Key})
		}
		sought.Agents, sought.Accounts = append(sought.Agents, s.camp.AgentID), append(sought.Accounts, s.accountIDs...)
		if s.start {
			sought.Tools = append(sought.Tools, planner.FirstTools(s.camp.Playbook)...)
		}
	}
	return sought
}

// compose plans a goal from what was found, and writes nothing.
func (s submission) compose(found store.Found) (store.NewCampaign, planning, error) {
	agent, accounts, err := found.Of(s.camp.AgentID, s.accountIDs)
	if err != nil {
		return store.NewCampaign{}, planning{}, err
	}
	for _, a := range accounts {
		if a.AgentID != agent.ID {
			return store.NewCampaign{}, planning{}, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "an account of the campaign belongs to another agent")
		}
	}
	row := store.NewCampaign{Campaign: s.camp, AccountIDs: idsOf(accounts)}
	row.ID, row.AgentID = newID(), agent.ID
	p, err := firstPlan(row.Campaign, agent, accounts)
	p.request, p.traceparent = s.scope.RequestID, s.traceparent
	return row, p, err
}

// inserted does what follows from a campaign that was written just now, and answers it as its transaction knows it.
func (c *Committer) inserted(ctx context.Context, tx *store.Tx, s submission, row store.NewCampaign, found store.Found, made *Whole) ([]audit.Entry, error) {
	detail := map[string]any{"goal": row.Goal, "playbook": row.Playbook, "agent_id": row.AgentID, "account_ids": s.accountIDs, "parameters": row.Parameters}
	entries := []audit.Entry{entry("campaign.created", "campaign", row.ID, detail)}
	agent, _, err := found.Of(row.AgentID, nil)
	if err != nil {
		return nil, err
	}
	*made = Whole{Campaign: row.Campaign, AgentName: agent.Name, AccountIDs: row.AccountIDs}
	if s.start {
		progress, more, err := c.planWritten(ctx, tx, *row.Plan, row.Tasks)
		if err != nil {
			return nil, err
		}
		entries = append(append(entries, entry("campaign.started", "campaign", row.ID, nil)), more...)
		if made.Progress = progress; progress == nil {
			// More has moved than was written.
			if *made, err = wholeGet(ctx, tx, row.ID); err != nil {
				return nil, err
			}
		}
	}
	for i := range entries {
		entries[i].RequestID = s.scope.RequestID
	}
	return entries, nil
}

// firstPlan plans a campaign by its playbook, all of it fresh.
func firstPlan(camp store.Campaign, agent store.Agent, accounts []store.Account) (planning, error) {
	pc, err := plannerCampaign(camp, agent.PersonaVersion, agent.Persona, accounts)
	if err != nil {
		return planning{}, err
	}
	nodes, err := planner.Plan(pc)
	fresh := make(map[string]bool, len(nodes))
	for _, n := range nodes {
		fresh[n.Key] = true
	}
	return planning{personaVersion: agent.PersonaVersion, nodes: nodes, fresh: fresh, cause: "the campaign was started", of: &pc}, err
}
