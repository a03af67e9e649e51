package commit

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// lookup makes the task that reads the platform back for an unknown effect. The orchestrator itself never calls
// a tool (R6.2).
func (c *Committer) lookup(ctx context.Context, tx *store.Tx, e store.Effect) ([]audit.Entry, error) {
	t, err := tx.TaskGet(ctx, e.TaskID)
	if err != nil {
		return nil, err
	}
	skill, _, _ := strings.Cut(e.Tool, ".")
	tool := skill + ".lookup"
	digest, err := pinTool(ctx, tx, tool)
	if errs.ReasonOf(err) == typev1.Reason_REASON_TOOL_UNKNOWN {
		return c.holdOn(ctx, tx, t, e, errs.As(err).Public)
	}
	if err != nil {
		return nil, err
	}
	var payload struct {
		Platform string `json:"platform"`
	}
	_ = json.Unmarshal(t.Arguments, &payload) // the judge has held the payload against its form
	sent := e.PreparedAt
	if e.SendingAt != nil {
		sent = *e.SendingAt
	}
	raw, err := json.Marshal(map[string]any{
		"platform": payload.Platform, "account_id": e.AccountID, "platform_key": e.PlatformKey,
		"payload": json.RawMessage(t.Arguments), "sent_at": sent.UTC().Format(time.RFC3339Nano),
	})
	if err != nil {
		return nil, err
	}
	arguments, err := grant.Canonical(raw)
	if err != nil {
		return nil, err
	}
	q := store.Task{
		ID: newID(), CampaignID: t.CampaignID, AgentID: t.AgentID, PlanVersion: t.PlanVersion, PersonaVersion: t.PersonaVersion, Node: "lookup:" + e.ID,
		Kind: "read", Mode: "run", Tool: tool, AccountID: &e.AccountID, State: "ready", MaxAttempts: 5, Priority: 90, TimeoutMS: 30_000,
		NotBefore: tx.Now(), RequestID: t.RequestID, Traceparent: t.Traceparent, ResolvesEffect: &e.ID,
	}
	s, err := bound(q, "run", arguments, digest, t.Tainted)
	if err != nil {
		return nil, err
	}
	q.Arguments, q.ToolDigest, q.SpecDigest, q.Tainted = s.Arguments, s.ToolDigest, s.SpecDigest, s.Tainted
	return []audit.Entry{entry("effect.lookup", "effect", e.ID, map[string]any{"task_id": q.ID, "lookups": e.Lookups})}, tx.TaskInsert(ctx, q, nil)
}

// resolve draws the conclusion from a look-up: adopt what is there, resend what certainly is not, else wait
// and in the end ask a person.
func (c *Committer) resolve(ctx context.Context, tx *store.Tx, q store.Task, r *busv1.Result, d *busv1.ReviewDecision) ([]audit.Entry, error) {
	switch d.GetDisposition() {
	case busv1.Disposition_DISPOSITION_HOLD:
		return nil, tx.TaskMove(ctx, q.ID, q.StateVersion, held(tx, q, r, d))
	case busv1.Disposition_DISPOSITION_RETRY:
		at := tx.Now().Add(d.GetRetryAfter().AsDuration())
		return nil, tx.TaskMove(ctx, q.ID, q.StateVersion, store.TaskChange{State: "ready", NotBefore: &at, Error: errorJSON(errs.FromInfo(r.GetError(), errs.Unavailable), q.RequestID)})
	default: // it ends here
	}
	found := readReceipt(r)
	end := "succeeded"
	if d.GetVerdict() != busv1.Verdict_VERDICT_APPROVED {
		end, found = "failed", receipt{Outcome: "uncertain", Why: "the look-up failed: " + r.GetError().GetMessage()}
	}
	if err := tx.TaskMove(ctx, q.ID, q.StateVersion, store.TaskChange{State: end}); err != nil {
		return nil, err
	}
	e, err := tx.EffectLock(ctx, *q.ResolvesEffect)
	if err != nil || e.State != "unknown" {
		return nil, err // a person was faster
	}
	t, err := tx.TaskLock(ctx, e.TaskID)
	if err != nil {
		return nil, err
	}
	switch found.Outcome {
	case "found":
		return c.confirm(ctx, tx, t, e, found)
	case "absent":
		return c.again(ctx, tx, t, e, tx.Now(), "read back and not there: "+found.Why, true)
	default:
		return c.holdOn(ctx, tx, t, e, found.Why)
	}
}

// holdOn waits longer each time, and parks the effect for a person when reading back leads nowhere.
func (c *Committer) holdOn(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, why string) ([]audit.Entry, error) {
	if e.Lookups+1 >= c.set.MaxLookups {
		return c.park(ctx, tx, t, e, why)
	}
	wait := c.set.Quiet << min(e.Lookups, 8)
	return nil, tx.EffectHold(ctx, e.ID, e.StateVersion, "unknown", why, wait, true)
}

// ResolveEffect settles a parked or unknown effect by a person's word.
func (c *Committer) ResolveEffect(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, published bool, url, rationale string) (store.Effect, error) {
	var out store.Effect
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		e, err := tx.EffectGet(ctx, id)
		if err != nil {
			return nil, err
		}
		t, err := lockTask(ctx, tx, e.TaskID)
		if err != nil {
			return nil, err
		}
		if e, err = tx.EffectLock(ctx, id); err != nil {
			return nil, err
		}
		if e.StateVersion != stateVersion {
			return nil, stale()
		}
		if e.State != "parked" && e.State != "unknown" {
			return nil, wrongState("this effect is %s: only one whose outcome is unknown can be settled by hand", e.State)
		}
		entries := []audit.Entry{entry("effect.resolved_by_hand", "effect", id, map[string]any{"published": published, "url": url, "rationale": rationale})}
		var more []audit.Entry
		if published {
			// A person's word names a page, not the platform's own address: nothing can be read back or counted by it.
			if err := cancelFollowers(ctx, tx, t.ID); err != nil {
				return nil, err
			}
			more, err = c.confirm(ctx, tx, t, e, receipt{URL: url, Why: "settled by " + sc.Actor})
		} else {
			more, err = c.fail(ctx, tx, t, e, "failed", errs.New(errs.Invalid, typev1.Reason_REASON_PLATFORM_REJECTED, "a person found that it was not published"), rationale)
		}
		if err != nil {
			return nil, err
		}
		out, err = tx.EffectGet(ctx, id)
		return append(entries, more...), err
	})
	return out, err
}

// cancelFollowers ends the blocked steps that wait for a task, directly or through others.
func cancelFollowers(ctx context.Context, tx *store.Tx, id string) error {
	followers, err := tx.Successors(ctx, id)
	if err != nil {
		return err
	}
	cause := errs.New(errs.Cancelled, typev1.Reason_REASON_CANCELLED, "the post was settled by hand, so there is no address to read it back by")
	for _, f := range followers {
		if f, err = tx.TaskLock(ctx, f.ID); err != nil {
			return err
		}
		if f.State != "blocked" {
			continue
		}
		if err := tx.TaskMove(ctx, f.ID, f.StateVersion, store.TaskChange{State: "cancelled", Error: errorJSON(cause, f.RequestID)}); err != nil {
			return err
		}
		if err := cancelFollowers(ctx, tx, f.ID); err != nil {
			return err
		}
	}
	return nil
}
