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
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/grantdesk"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// authorise turns a person's approval into an effect with its platform key, a signed grant for exactly the
// approved bytes, and the task's execution, all in the approval's transaction.
func (c *Committer) authorise(ctx context.Context, tx *store.Tx, t store.Task, d *busv1.ReviewDecision) ([]audit.Entry, error) {
	arguments, err := grant.Canonical(d.GetAuthorisation().GetArgumentsJson())
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the approved payload cannot be read")
	}
	hash := grant.Hex(arguments)
	if hash != d.GetAuthorisation().GetPayloadSha256() {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_MISMATCH, "the approval's hash is not that of its payload")
	}
	if t.AccountID == nil {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_INVALID, "an effect needs an account")
	}
	s, err := bound(t, "execute", arguments, t.ToolDigest, t.Tainted)
	if err != nil {
		return nil, err
	}
	if err := tx.TaskBind(ctx, t.ID, s); err != nil {
		return nil, err
	}
	planned, err := tx.PlannedAt(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	start := later(tx.Now(), planned)
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "ready", NotBefore: &start, ResetAttempts: true}); err != nil {
		return nil, err
	}
	e := store.Effect{
		ID: newID(), TaskID: t.ID, CampaignID: t.CampaignID, AccountID: *t.AccountID, Tool: t.Tool, PayloadSHA256: hash,
		PlatformKey: c.keys.Next(), ApprovedBy: d.GetDecidedBy(), Edited: d.GetAuthorisation().GetEdited(),
	}
	if err := tx.EffectInsert(ctx, e); err != nil {
		return nil, err
	}
	issued, err := c.issue(ctx, tx, t, e, d.GetPolicyVersion())
	return append([]audit.Entry{entry("effect.prepared", "effect", e.ID, map[string]any{"task_id": t.ID, "platform_key": e.PlatformKey, "payload_sha256": hash, "edited": e.Edited})}, issued), err
}

// issue signs one single-use grant for a prepared effect, always under the person who approved it.
func (c *Committer) issue(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, policyVersion int32) (audit.Entry, error) {
	terms := grantdesk.Terms{
		TenantID: string(tx.Scope().Tenant), TaskID: t.ID, EffectID: e.ID, AccountID: e.AccountID, Tool: t.Tool, ToolDigest: t.ToolDigest,
		PayloadSHA256: e.PayloadSHA256, PlatformKey: e.PlatformKey, Approver: e.ApprovedBy, PolicyVersion: policyVersion, Now: tx.Now(), TTL: c.set.GrantTTL,
	}
	if t.Deadline != nil {
		terms.SlotEnds = *t.Deadline
	}
	planned, err := tx.PlannedAt(ctx, t.ID)
	if err != nil {
		return audit.Entry{}, err
	}
	terms.From = later(terms.Now, planned)
	id, signed, notBefore, notAfter, err := grantdesk.Mint(c.signer, terms)
	if err != nil {
		return audit.Entry{}, err
	}
	raw, err := marshal(signed)
	if err != nil {
		return audit.Entry{}, fmt.Errorf("grant: %w", err)
	}
	err = tx.GrantInsert(ctx, store.Grant{ID: id, EffectID: e.ID, TaskID: t.ID, PayloadSHA256: e.PayloadSHA256, NotBefore: notBefore, NotAfter: notAfter, Signed: raw})
	return entry("grant.issued", "grant", id, map[string]any{"effect_id": e.ID, "approver": e.ApprovedBy, "not_after": notAfter.UTC().Format(time.RFC3339Nano)}), err
}

// receipt is what publisher tools answer to an execution, a look-up or a read.
type receipt struct {
	Outcome  string `json:"outcome"`
	RemoteID string `json:"remote_id"`
	URI      string `json:"uri"`
	URL      string `json:"url"`
	Why      string `json:"why"`
}

func readReceipt(r *busv1.Result) receipt {
	var out receipt
	_ = json.Unmarshal(r.GetOutputJson(), &out) // the judge has held it against the tool's schema
	return out
}

// mayGoAgain tells whether an execution that is certainly not done has an attempt left.
func mayGoAgain(t store.Task) bool { return t.Attempt < judge.ExecutionAttempts(t.MaxAttempts) }

// settle ends one execution: done, not done, or unknown, and nothing between them.
func (c *Committer) settle(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result, d *busv1.ReviewDecision) ([]audit.Entry, error) {
	e, err := tx.EffectOfTask(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case d.GetVerdict() == busv1.Verdict_VERDICT_APPROVED && r.GetOutcome() == busv1.EffectOutcome_EFFECT_OUTCOME_DONE:
		if e.State != "sending" {
			// Done without a redeemed grant: somebody found a way round. A person looks, nothing is believed.
			id := newID()
			if err := tx.SecurityEventInsert(ctx, id, "effect_without_redemption", "task "+t.ID+" reports an effect whose grant was never redeemed"); err != nil {
				return nil, err
			}
			entries, err := c.park(ctx, tx, t, e, "reported done without a redeemed grant")
			return append(entries, entry("security.effect_without_redemption", "security_event", id, nil)), err
		}
		return c.confirm(ctx, tx, t, e, readReceipt(r))
	case e.State == "sending" && r.GetError().GetReason() == typev1.Reason_REASON_GRANT_CONSUMED:
		// This attempt did nothing, but whoever used its grant up may have.
		return c.doubt(ctx, tx, t, e, "its grant was used by another call")
	case d.GetDisposition() == busv1.Disposition_DISPOSITION_RETRY && r.GetOutcome() == busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE:
		return c.again(ctx, tx, t, e, tx.Now().Add(d.GetRetryAfter().AsDuration()), "certainly not done: "+r.GetError().GetMessage(), false)
	case e.State == "prepared" && mayGoAgain(t) &&
		(r.GetOutcome() != busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE || r.GetRetryable() || r.GetError().GetReason() == typev1.Reason_REASON_GRANT_EXPIRED):
		// Unclear to the worker or not, it is certain here: without a redeemed grant nothing was sent, and the grant dies with
		// this. One that ran out on the bus is replaced: the person's approval stands until its slot ends.
		at := tx.Now().Add(time.Second << min(t.Attempt-1, 6))
		return c.again(ctx, tx, t, e, at, "its grant was never redeemed: "+r.GetError().GetMessage(), false)
	case r.GetOutcome() == busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE || e.State == "prepared":
		// Without a redeemed grant nothing can have reached the platform, whatever the result says.
		return c.fail(ctx, tx, t, e, "failed", errs.FromInfo(r.GetError(), errs.Invalid), r.GetError().GetMessage())
	default:
		return c.doubt(ctx, tx, t, e, "the platform's answer is unclear: "+r.GetError().GetMessage())
	}
}

func (c *Committer) confirm(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, got receipt) ([]audit.Entry, error) {
	if err := tx.EffectSettle(ctx, e.ID, e.StateVersion, "confirmed", store.EffectReceipt{RemoteID: got.RemoteID, URI: got.URI, URL: got.URL, Note: got.Why}); err != nil {
		return nil, err
	}
	effectsSettled.WithLabelValues("confirmed").Inc()
	entries := []audit.Entry{entry("effect.confirmed", "effect", e.ID, map[string]any{"task_id": t.ID, "remote_id": got.RemoteID, "uri": got.URI, "url": got.URL})}
	if t.Tool == publishTool {
		posted, err := recordPost(ctx, tx, t, e, got)
		if err != nil {
			return nil, err
		}
		entries = append(entries, posted)
	}
	if err := tx.GrantsRevoke(ctx, t.ID); err != nil {
		return nil, err
	}
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "succeeded"}); err != nil {
		return nil, err
	}
	more, err := c.advance(ctx, tx, t.CampaignID)
	return append(entries, more...), err
}

// again sends the same approved bytes under the same platform key once more: only after certainty that they are
// not out. A person's approval still stands; its slot must not be over.
func (c *Committer) again(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, at time.Time, note string, looked bool) ([]audit.Entry, error) {
	if t.Deadline != nil && !at.Before(*t.Deadline) {
		return c.fail(ctx, tx, t, e, "expired", errs.New(errs.Conflict, typev1.Reason_REASON_EXPIRED, "its slot ended before it could be published"), note)
	}
	if err := tx.GrantsRevoke(ctx, t.ID); err != nil {
		return nil, err
	}
	if err := tx.EffectHold(ctx, e.ID, e.StateVersion, "prepared", note, 0, looked); err != nil {
		return nil, err
	}
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "ready", NotBefore: &at}); err != nil {
		return nil, err
	}
	issued, err := c.issue(ctx, tx, t, e, 0)
	return []audit.Entry{entry("effect.prepared_again", "effect", e.ID, map[string]any{"note": note}), issued}, err
}

func (c *Committer) fail(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, state string, cause error, note string) ([]audit.Entry, error) {
	if err := tx.GrantsRevoke(ctx, t.ID); err != nil {
		return nil, err
	}
	if err := tx.EffectSettle(ctx, e.ID, e.StateVersion, "failed", store.EffectReceipt{Note: note}); err != nil {
		return nil, err
	}
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: state, Error: errorJSON(cause, t.RequestID)}); err != nil {
		return nil, err
	}
	effectsSettled.WithLabelValues("failed").Inc()
	entries := []audit.Entry{entry("effect.failed", "effect", e.ID, map[string]any{"task_id": t.ID, "note": note})}
	if state == "expired" {
		more, err := c.askAgain(ctx, tx, t)
		return append(entries, more...), err
	}
	more, err := c.advance(ctx, tx, t.CampaignID)
	return append(entries, more...), err
}

// doubt leaves an effect unknown: it is read back after a quiet period, and never resent blindly.
func (c *Committer) doubt(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, note string) ([]audit.Entry, error) {
	// The quiet period counts from when the call must have ended: until then the skill may still send.
	wait := c.set.Quiet
	if e.CallDeadline != nil {
		wait += max(e.CallDeadline.Sub(tx.Now()), 0)
	}
	if err := tx.EffectHold(ctx, e.ID, e.StateVersion, "unknown", note, wait, false); err != nil {
		return nil, err
	}
	effectsSettled.WithLabelValues("unknown").Inc()
	unclear := errs.New(errs.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN, "the platform's answer is unclear; it is being read back")
	err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "unknown", Error: errorJSON(unclear, t.RequestID)})
	return []audit.Entry{entry("effect.unknown", "effect", e.ID, map[string]any{"task_id": t.ID, "note": note})}, err
}

func (c *Committer) park(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, note string) ([]audit.Entry, error) {
	if err := tx.EffectHold(ctx, e.ID, e.StateVersion, "parked", note, 0, true); err != nil {
		return nil, err
	}
	if t.State != "unknown" {
		waiting := errs.New(errs.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN, "whether it was published could not be found out; a person must look")
		if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "unknown", Error: errorJSON(waiting, t.RequestID)}); err != nil {
			return nil, err
		}
	}
	return []audit.Entry{entry("effect.parked", "effect", e.ID, map[string]any{"task_id": t.ID, "note": note})}, nil
}

// signedGrant decodes a stored grant for the bus.
func signedGrant(g store.Grant) (*busv1.SignedGrant, error) {
	var sg busv1.SignedGrant
	if err := proto.Unmarshal(g.Signed, &sg); err != nil {
		return nil, fmt.Errorf("stored grant: %w", err)
	}
	return &sg, nil
}
