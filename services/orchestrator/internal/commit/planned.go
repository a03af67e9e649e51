package commit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

// maxAhead is how far ahead a publication can be planned.
const maxAhead = 366 * 24 * time.Hour

// Move is what giving a publication another time does (decision 0062).
type Move struct {
	// TaskID holds the publication afterwards; "" on a preview.
	TaskID         string
	StateVersion   int64
	PlanVersion    int32
	VoidedReviews  []string
	VoidedApproval bool
	VoidedGrant    bool
	// Sentence says it for people, and is the plan version's cause.
	Sentence string
}

// moving is a move that is possible.
type moving struct {
	Move
	camp     store.Campaign
	plan     store.Plan
	before   []planner.Node
	nodes    []planner.Node
	replaced map[string]bool
}

// PreviewMove answers what MovePlanned would do now, and writes nothing.
func (c *Committer) PreviewMove(ctx context.Context, sc tenancy.Scope, taskID string, stateVersion int64, to time.Time) (Move, error) {
	var m moving
	err := c.store.ReadSnapshot(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		t, err := tx.TaskGet(ctx, taskID)
		if err != nil {
			return err
		}
		camp, err := tx.CampaignGet(ctx, t.CampaignID)
		if err != nil {
			return err
		}
		m, err = consider(ctx, tx, camp, t, stateVersion, to)
		return err
	})
	return m.Move, err
}

// MovePlanned gives a publication that was not sent another time, as the next plan version: it and what builds on
// it are planned anew, so an approval for another time is void and asked for again. Errors: Conflict for a stale
// version, or a step that is under way, sent or over; Invalid for a time out of range.
func (c *Committer) MovePlanned(ctx context.Context, sc tenancy.Scope, idem Idempotency, taskID string, stateVersion int64, to time.Time) (Move, error) {
	// The whole answer is kept under the idempotency key: what was voided cannot be told from the rows any more.
	get := func(_ context.Context, _ *store.Tx, kept string) (m Move, err error) {
		err = json.Unmarshal([]byte(kept), &m)
		return m, err
	}
	return once(ctx, c, sc, idem, get, func(ctx context.Context, tx *store.Tx) (string, []audit.Entry, error) {
		t, err := tx.TaskGet(ctx, taskID)
		if err != nil {
			return "", nil, err
		}
		camp, err := tx.CampaignLock(ctx, t.CampaignID)
		if err != nil {
			return "", nil, err
		}
		if t, err = tx.TaskLock(ctx, taskID); err != nil {
			return "", nil, err
		}
		m, err := consider(ctx, tx, camp, t, stateVersion, to)
		if err != nil {
			return "", nil, err
		}
		entries, err := c.carryOut(ctx, tx, &m, t)
		if err != nil {
			return "", nil, err
		}
		kept, err := json.Marshal(m.Move)
		detail := map[string]any{
			"from_task_id": taskID, "node": t.Node, "to": to.UTC().Format(time.RFC3339), "plan_version": m.PlanVersion,
			"voided_review_ids": m.VoidedReviews, "voided_approval": m.VoidedApproval, "voided_grant": m.VoidedGrant,
		}
		return string(kept), append([]audit.Entry{entry("task.moved", "task", m.TaskID, detail)}, entries...), err
	})
}

// consider reads only: it serves the preview too.
func consider(ctx context.Context, tx *store.Tx, camp store.Campaign, t store.Task, stateVersion int64, to time.Time) (moving, error) {
	m := moving{camp: camp}
	if t.StateVersion != stateVersion {
		return m, stale()
	}
	if err := movable(camp, t); err != nil {
		return m, err
	}
	if !to.After(tx.Now()) || to.After(tx.Now().Add(maxAhead)) {
		return m, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "choose a time from now up to a year ahead")
	}
	var err error
	if m.plan, m.before, err = planNodes(ctx, tx, camp.ID, camp.PlanVersion); err != nil {
		return m, err
	}
	if m.nodes, m.replaced, err = planner.Move(m.before, t.Node, to); err != nil {
		return m, err
	}
	current, err := tx.PlanTasks(ctx, camp.ID, camp.PlanVersion)
	if err != nil {
		return m, err
	}
	var ids []string
	for _, k := range current {
		if m.replaced[k.Node] {
			ids = append(ids, k.ID)
		}
	}
	if !slices.Contains(ids, t.ID) {
		return m, wrongState("the plan has a newer step in its place; open the calendar again")
	}
	void, err := tx.VoidedBy(ctx, ids)
	m.PlanVersion, m.VoidedReviews, m.VoidedApproval, m.VoidedGrant = camp.PlanVersion+1, void.Reviews, void.Approval, void.Grant
	m.Sentence = sentence(m.Move, camp, t, to)
	return m, err
}

// movable tells whether a publication's time is still people's to choose.
func movable(camp store.Campaign, t store.Task) error {
	switch {
	case t.Kind != "effect" || t.ResolvesEffect != nil:
		return wrongState("only a publication has a time of its own; this step follows from others")
	case camp.State != "running" && camp.State != "paused":
		return wrongState("the campaign is %s; nothing of it is planned", camp.State)
	case t.State == "blocked", t.State == "ready", t.State == "awaiting_review":
		return nil
	case t.State == "queued", t.State == "running", t.State == "judging":
		return wrongState("this step is being worked on just now; try again in a moment")
	case t.State == "succeeded":
		return wrongState("it is published already")
	case t.State == "unknown":
		return wrongState("whether it was published is not known yet; that comes first")
	}
	return wrongState("this step has ended: it is %s", t.State)
}

// Movable tells lists what MovePlanned would take.
func Movable(camp store.Campaign, t store.Task) bool { return movable(camp, t) == nil }

func sentence(m Move, camp store.Campaign, t store.Task, to time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s moves to %s", t.Node, camp.Name, to.UTC().Format("Mon 2 Jan 2006 15:04 UTC"))
	switch {
	case m.VoidedGrant:
		b.WriteString("; its approval and the signed grant are void, and a person is asked again")
	case m.VoidedApproval:
		b.WriteString("; its approval is void, and a person is asked again")
	case len(m.VoidedReviews) > 0:
		b.WriteString("; its open review ends, and a person is asked again for the new time")
	}
	return b.String() + "."
}

func (c *Committer) carryOut(ctx context.Context, tx *store.Tx, m *moving, t store.Task) ([]audit.Entry, error) {
	open, err := tx.OpenTasks(ctx, m.camp.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range open {
		if m.replaced[k.Node] && k.ResolvesEffect == nil {
			gone, err := withdraw(ctx, tx, k, withdrawal{note: "moved before it was sent", review: m.Sentence, task: m.Sentence})
			if err != nil {
				return nil, err
			}
			if !gone {
				return nil, wrongState("it is on its way to the platform already")
			}
		}
	}
	_, entries, err := c.writePlan(ctx, tx, m.camp, planning{personaVersion: m.plan.PersonaVersion, nodes: m.nodes, before: m.before, fresh: m.replaced, cause: m.Sentence})
	if err != nil {
		return nil, err
	}
	next, err := tx.PlanTasks(ctx, m.camp.ID, m.PlanVersion)
	for _, k := range next {
		if k.Node == t.Node {
			m.TaskID, m.StateVersion = k.ID, k.StateVersion
		}
	}
	return entries, err
}

// later is t, or the moment a person set when that is after it.
func later(t time.Time, at *time.Time) time.Time {
	if at != nil && at.After(t) {
		return *at
	}
	return t
}
