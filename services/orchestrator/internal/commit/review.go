package commit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// ClaimReview marks the item as being read by the caller; claiming again renews. Conflict CLAIMED_BY_OTHER while
// another reviewer holds it.
func (c *Committer) ClaimReview(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64) (store.Review, error) {
	return c.onReview(ctx, sc, id, stateVersion, func(ctx context.Context, tx *store.Tx, r store.Review) ([]audit.Entry, error) {
		actor := sc.Actor
		return []audit.Entry{entry("review.claimed", "review", id, nil)}, tx.ReviewClaim(ctx, id, r.StateVersion, &actor, c.set.ReviewHold)
	})
}

// ReleaseReview gives a claimed item back.
func (c *Committer) ReleaseReview(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64) (store.Review, error) {
	return c.onReview(ctx, sc, id, stateVersion, func(ctx context.Context, tx *store.Tx, r store.Review) ([]audit.Entry, error) {
		return []audit.Entry{entry("review.released", "review", id, nil)}, tx.ReviewClaim(ctx, id, r.StateVersion, nil, 0)
	})
}

// SnoozeReview takes an item out of the queue until a moment before its deadline; a zero until wakes it. The claim ends.
func (c *Committer) SnoozeReview(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, until time.Time) (store.Review, error) {
	return c.onReview(ctx, sc, id, stateVersion, func(ctx context.Context, tx *store.Tx, r store.Review) ([]audit.Entry, error) {
		if until.IsZero() {
			return []audit.Entry{entry("review.woken", "review", id, nil)}, tx.ReviewSnooze(ctx, id, r.StateVersion, nil)
		}
		if !until.After(tx.Now()) || until.After(r.Deadline) {
			return nil, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "an item can be put off to a moment from now up to its deadline, %s", r.Deadline.UTC().Format("2006-01-02 15:04 UTC"))
		}
		return []audit.Entry{entry("review.snoozed", "review", id, map[string]any{"until": until.UTC().Format(time.RFC3339)})}, tx.ReviewSnooze(ctx, id, r.StateVersion, &until)
	})
}

func (c *Committer) onReview(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, fn func(ctx context.Context, tx *store.Tx, r store.Review) ([]audit.Entry, error)) (store.Review, error) {
	var out store.Review
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		r, err := openReview(ctx, tx, id, stateVersion)
		if err != nil {
			return nil, err
		}
		entries, err := fn(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		out, err = tx.ReviewGet(ctx, id)
		return entries, err
	})
	return out, err
}

// openReview locks an open item, not past its deadline, at the version the caller read and not held by another.
func openReview(ctx context.Context, tx *store.Tx, id string, stateVersion int64) (store.Review, error) {
	r, err := tx.ReviewGet(ctx, id)
	if err != nil {
		return r, err
	}
	// Campaign before review: the order of every transaction that may write a plan, so that none can deadlock.
	if _, err := tx.CampaignLock(ctx, r.CampaignID); err != nil {
		return r, err
	}
	if r, err = tx.ReviewLock(ctx, id); err != nil {
		return r, err
	}
	switch {
	case r.State != "open":
		by := ""
		if r.DecidedBy != nil {
			by = " by " + *r.DecidedBy
		}
		return r, wrongState("this item was decided meanwhile: it is %s%s", r.State, by)
	case r.StateVersion != stateVersion:
		return r, stale()
	case !tx.Now().Before(r.Deadline):
		return r, errs.New(errs.Conflict, typev1.Reason_REASON_EXPIRED, "its slot is over; a new draft will ask again")
	case r.ClaimedBy != nil && *r.ClaimedBy != tx.Scope().Actor && r.ClaimedUntil != nil && tx.Now().Before(*r.ClaimedUntil):
		return r, errs.Newf(errs.Conflict, typev1.Reason_REASON_CLAIMED_BY_OTHER, "%s is reading this item until %s", *r.ClaimedBy, r.ClaimedUntil.UTC().Format("15:04:05 UTC"))
	}
	return r, nil
}

// ApproveReview approves exactly the payload whose hash the reviewer names, or an edit of it that passes the same
// content checks. Only here, and only for a person, a grant comes to be (R10.3).
func (c *Committer) ApproveReview(ctx context.Context, sc tenancy.Scope, idem Idempotency, id string, stateVersion int64, payloadSHA256 string, editedPayload []byte, rationale string) (store.Review, error) {
	return once(ctx, c, sc, idem, reviewGet, func(ctx context.Context, tx *store.Tx) (string, []audit.Entry, error) {
		r, err := openReview(ctx, tx, id, stateVersion)
		if err != nil {
			return "", nil, err
		}
		if r.PayloadSHA256 != payloadSHA256 {
			return "", nil, errs.New(errs.Conflict, typev1.Reason_REASON_DIGEST_MISMATCH, "this is not the payload you were shown; read the item again")
		}
		t, result, err := reviewed(ctx, tx, r)
		if err != nil {
			return "", nil, err
		}
		payload, edited := r.Payload, false
		var checks []*busv1.Check
		if len(editedPayload) > 0 {
			if payload, checks, err = c.edit(ctx, tx, t, result, editedPayload); err != nil {
				return "", nil, err
			}
			edited = grant.Hex(payload) != r.PayloadSHA256
		}
		d := verdict(tx, t, r, busv1.Verdict_VERDICT_APPROVED, rationale)
		d.Checks = checks
		d.Authorisation = &busv1.CommitAuthorisation{PayloadSha256: grant.Hex(payload), ArgumentsJson: payload, Edited: edited}
		if err := tx.ReviewClose(ctx, id, r.StateVersion, "approved", &sc.Actor, rationale); err != nil {
			return "", nil, err
		}
		entries := []audit.Entry{entry("review.approved", "review", id, map[string]any{"task_id": t.ID, "payload_sha256": d.GetAuthorisation().GetPayloadSha256(), "edited": edited, "rationale": rationale})}
		observeReview("approved", r.CreatedAt, tx.Now())
		more, err := c.apply(ctx, tx, d)
		return id, append(entries, more...), err
	})
}

func reviewGet(ctx context.Context, tx *store.Tx, id string) (store.Review, error) {
	return tx.ReviewGet(ctx, id)
}

// edit holds a reviewer's edit against the content checks. Invalid POLICY_VIOLATION names every one it breaks.
func (c *Committer) edit(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result, payload []byte) ([]byte, []*busv1.Check, error) {
	if t.Mode != "propose" {
		return nil, nil, wrongState("only a proposal can be edited; approve, reject or request changes")
	}
	canonical, err := grant.Canonical(payload)
	if err != nil {
		return nil, nil, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the edited payload is not one JSON object")
	}
	facts, err := c.LoadCase(ctx, tx, t, r)
	if err != nil {
		return nil, nil, err
	}
	violated := judge.Edit(facts, canonical)
	if len(violated) > 0 {
		said := make([]string, len(violated))
		for i, v := range violated {
			said[i] = v.GetMessage()
		}
		return nil, nil, errs.New(errs.Invalid, typev1.Reason_REASON_POLICY_VIOLATION, "the edit cannot be approved: "+strings.Join(said, "; "))
	}
	return canonical, []*busv1.Check{{Name: "edit", Passed: true, Rule: "the content checks hold for the reviewer's edit"}}, nil
}

func reviewed(ctx context.Context, tx *store.Tx, r store.Review) (store.Task, *busv1.Result, error) {
	t, err := tx.TaskLock(ctx, r.TaskID)
	if err != nil {
		return t, nil, err
	}
	stored, err := tx.ResultGet(ctx, r.ResultID)
	if err != nil {
		return t, nil, err
	}
	var result busv1.Result
	if err := proto.Unmarshal(stored.Body, &result); err != nil {
		return t, nil, fmt.Errorf("stored result: %w", err)
	}
	return t, &result, nil
}

// verdict is a person's decision in the same shape as a judge's.
func verdict(tx *store.Tx, t store.Task, r store.Review, v busv1.Verdict, rationale string) *busv1.ReviewDecision {
	return &busv1.ReviewDecision{
		Id: newID(), TenantId: string(tx.Scope().Tenant), TaskId: t.ID, ResultId: r.ResultID, TaskStateVersion: t.StateVersion, Verdict: v,
		Rationale: rationale, Decider: busv1.DeciderKind_DECIDER_KIND_HUMAN, DecidedBy: tx.Scope().Actor, DecidedAt: timestamppb.New(tx.Now()), RequestId: tx.Scope().RequestID,
	}
}

// RejectReview refuses the proposal for good.
func (c *Committer) RejectReview(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, rationale string) (store.Review, error) {
	return c.refuse(ctx, sc, id, stateVersion, "rejected", rationale, busv1.Disposition_DISPOSITION_FAIL)
}

// RequestChanges sends the reviewer's words to the drafting task and answers the plan version that holds the new
// draft. Conflict LIMIT_EXCEEDED when it was revised too often.
func (c *Committer) RequestChanges(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, remarks string) (store.Review, int32, error) {
	r, err := c.refuse(ctx, sc, id, stateVersion, "changes_requested", remarks, busv1.Disposition_DISPOSITION_REVISE)
	if err != nil {
		return r, 0, err
	}
	var version int32
	err = c.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		camp, err := tx.CampaignGet(ctx, r.CampaignID)
		version = camp.PlanVersion
		return err
	})
	return r, version, err
}

func (c *Committer) refuse(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, state, words string, disposition busv1.Disposition) (store.Review, error) {
	return c.onReview(ctx, sc, id, stateVersion, func(ctx context.Context, tx *store.Tx, r store.Review) ([]audit.Entry, error) {
		t, err := tx.TaskLock(ctx, r.TaskID)
		if err != nil {
			return nil, err
		}
		d := verdict(tx, t, r, busv1.Verdict_VERDICT_REJECTED, words)
		d.Disposition = disposition
		if disposition == busv1.Disposition_DISPOSITION_REVISE {
			d.Remarks = words
		}
		if err := tx.ReviewClose(ctx, id, r.StateVersion, state, &sc.Actor, words); err != nil {
			return nil, err
		}
		entries := []audit.Entry{entry("review."+state, "review", id, map[string]any{"task_id": t.ID, "words": words})}
		observeReview(state, r.CreatedAt, tx.Now())
		more, err := c.apply(ctx, tx, d)
		return append(entries, more...), err
	})
}
