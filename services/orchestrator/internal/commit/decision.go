package commit

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// apply is the one path for both deciders, inside the caller's transaction.
func (c *Committer) apply(ctx context.Context, tx *store.Tx, d *busv1.ReviewDecision) ([]audit.Entry, error) {
	t, err := lockTask(ctx, tx, d.GetTaskId())
	if err != nil {
		return nil, err
	}
	stored, err := tx.ResultGet(ctx, d.GetResultId())
	if err != nil {
		return nil, err
	}
	var r busv1.Result
	if err := proto.Unmarshal(stored.Body, &r); err != nil {
		return nil, fmt.Errorf("stored result: %w", err)
	}
	if stored.TaskID != t.ID {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_INVALID, "the verdict's result belongs to another task")
	}
	decider, from := "judge", "judging"
	if d.GetDecider() == busv1.DeciderKind_DECIDER_KIND_HUMAN {
		decider, from = "human", "awaiting_review"
	}
	body, err := marshal(d)
	if err != nil {
		return nil, fmt.Errorf("decision: %w", err)
	}
	if t.State != from || t.StateVersion != d.GetTaskStateVersion() {
		if earlier, err := tx.DecisionOn(ctx, stored.ID, decider); err == nil && earlier.ID == d.GetId() {
			return nil, nil // delivered before
		}
		return nil, stale()
	}
	fresh, err := tx.DecisionInsert(ctx, store.Decision{
		ID: d.GetId(), TaskID: t.ID, ResultID: stored.ID, Verdict: verdictWords[d.GetVerdict()],
		Decider: decider, DecidedBy: d.GetDecidedBy(), Body: body,
	})
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, stale()
	}
	entries := []audit.Entry{decided(t, d)}
	more, err := c.follow(ctx, tx, t, &r, d)
	return append(entries, more...), err
}

func decided(t store.Task, d *busv1.ReviewDecision) audit.Entry {
	failed := []string{}
	for _, check := range d.GetChecks() {
		if !check.GetPassed() {
			failed = append(failed, check.GetName())
		}
	}
	return entry("task."+verdictWords[d.GetVerdict()], "task", t.ID, map[string]any{
		"decision_id": d.GetId(), "result_id": d.GetResultId(), "node": t.Node, "mode": t.Mode,
		"decided_by": d.GetDecidedBy(), "disposition": d.GetDisposition().String(), "checks_failed": failed, "rationale": d.GetRationale(), "policy_version": d.GetPolicyVersion(),
	})
}

// follow makes the verdict's consequences: the only place where the task's state machine branches on it.
func (c *Committer) follow(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result, d *busv1.ReviewDecision) ([]audit.Entry, error) {
	switch {
	case t.Mode == "execute":
		return c.settle(ctx, tx, t, r, d)
	case t.ResolvesEffect != nil:
		return c.resolve(ctx, tx, t, r, d)
	}
	switch d.GetVerdict() {
	case busv1.Verdict_VERDICT_APPROVED:
		if t.Mode == "propose" {
			// Second lock on the floor (R10.3): no proposal goes on without a person, whatever the message says.
			if d.GetDecider() != busv1.DeciderKind_DECIDER_KIND_HUMAN {
				return nil, errs.New(errs.Denied, typev1.Reason_REASON_POLICY_VIOLATION, "an effect is approved by a person only")
			}
			return c.authorise(ctx, tx, t, d)
		}
		return c.succeed(ctx, tx, t, r)
	case busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW:
		return c.askPerson(ctx, tx, t, r, d)
	default:
		return c.reject(ctx, tx, t, r, d)
	}
}

func (c *Committer) succeed(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result) ([]audit.Entry, error) {
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "succeeded"}); err != nil {
		return nil, err
	}
	if err := observePost(ctx, tx, t, r); err != nil {
		return nil, err
	}
	return c.advance(ctx, tx, t.CampaignID)
}

func (c *Committer) reject(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result, d *busv1.ReviewDecision) ([]audit.Entry, error) {
	cause := errs.FromInfo(r.GetError(), errs.Invalid)
	if cause == nil {
		cause = errs.New(errs.Invalid, typev1.Reason_REASON_POLICY_VIOLATION, d.GetRationale())
	}
	change := store.TaskChange{State: "failed", Error: errorJSON(cause, t.RequestID)}
	switch d.GetDisposition() {
	case busv1.Disposition_DISPOSITION_RETRY:
		at := tx.Now().Add(d.GetRetryAfter().AsDuration())
		change.State, change.NotBefore = "ready", &at
	case busv1.Disposition_DISPOSITION_HOLD:
		change = held(tx, t, r, d)
	case busv1.Disposition_DISPOSITION_REVISE:
		change.State = "rejected"
	default: // the task has failed
	}
	if d.GetDecider() == busv1.DeciderKind_DECIDER_KIND_HUMAN {
		change.State = "rejected"
	}
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, change); err != nil {
		return nil, err
	}
	if d.GetDisposition() == busv1.Disposition_DISPOSITION_REVISE {
		entries, err := c.revise(ctx, tx, t, textOf(r.GetOutputJson()), d.GetRemarks(), "changes were requested: "+d.GetRemarks())
		if errs.ReasonOf(err) != typev1.Reason_REASON_LIMIT_EXCEEDED {
			return entries, err
		}
		if d.GetDecider() == busv1.DeciderKind_DECIDER_KIND_HUMAN {
			return nil, err // the reviewer is told, and decides otherwise
		}
	}
	return c.advance(ctx, tx, t.CampaignID)
}

// held is ready again, as if the attempt had not been: its skill is away, which the error says (decision 0069), or a switch
// cut it off (0068). The time under a switch is no wait for the skill: a person may keep it on for as long as they like.
func held(tx *store.Tx, t store.Task, r *busv1.Result, d *busv1.ReviewDecision) store.TaskChange {
	at := tx.Now().Add(d.GetRetryAfter().AsDuration())
	why, stopped := typev1.Reason_REASON_SKILL_AWAY, r.GetError().GetReason() == typev1.Reason_REASON_STOPPED
	if stopped {
		why = typev1.Reason_REASON_STOPPED
	}
	cause := errs.New(errs.Unavailable, why, gravest(d.GetChecks()).GetMessage())
	return store.TaskChange{State: "ready", NotBefore: &at, Uncounted: true, Held: !stopped, Error: errorJSON(cause, t.RequestID)}
}

// askPerson opens a review over exactly what an approval would be granted for.
func (c *Committer) askPerson(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result, d *busv1.ReviewDecision) ([]audit.Entry, error) {
	facts, err := c.LoadCase(ctx, tx, t, r)
	if err != nil {
		return nil, err
	}
	seen := judge.Judge(facts)
	payload, hash := seen.PayloadJSON, seen.PayloadSHA256
	if payload == nil {
		if t.Mode == "propose" {
			return nil, errs.New(errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID, "the proposal holds no payload to review")
		}
		if payload, hash, err = canonicalOutput(r); err != nil {
			return nil, err
		}
	}
	deadline := tx.Now().Add(24 * time.Hour)
	if t.Deadline != nil {
		deadline = *t.Deadline
	}
	if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "awaiting_review"}); err != nil {
		return nil, err
	}
	reviewsOpened.WithLabelValues(strconv.Itoa(int(max(seen.Risk, 1)))).Inc()
	id, why := newID(), gravest(d.GetChecks())
	err = tx.ReviewInsert(ctx, store.Review{
		Rule: why.GetRule(), Threshold: why.GetThreshold(), Value: why.GetValue(), Sensitive: sensitive(seen.Risk, d.GetChecks()),
		ID: id, TaskID: t.ID, ResultID: r.GetId(), CampaignID: t.CampaignID, AgentID: t.AgentID, AccountID: t.AccountID,
		Platform: facts.Platform, Risk: int16(max(seen.Risk, 1)), Reason: d.GetRationale(), Payload: payload, PayloadSHA256: hash, Excerpt: seen.Excerpt,
		Confidence: lowest(r.GetConfidence(), facts.InputConfidence), Tainted: t.Tainted, Deadline: deadline,
	})
	return []audit.Entry{entry("review.opened", "review", id, map[string]any{"task_id": t.ID, "payload_sha256": hash, "reason": d.GetRationale()})}, err
}

// gravest is the check that the reason is about: the first that did not pass, as the Judge puts them.
func gravest(checks []*busv1.Check) *busv1.Check {
	for _, c := range checks {
		if !c.GetPassed() {
			return c
		}
	}
	return nil
}

// sensitive items are never decided in bulk: what is high-risk for any cause, and what the policy's terms hit.
func sensitive(risk platformv1.ReviewRisk, checks []*busv1.Check) bool {
	return risk >= platformv1.ReviewRisk_REVIEW_RISK_HIGH || slices.ContainsFunc(checks, func(c *busv1.Check) bool { return !c.GetPassed() && c.GetName() == "sensitive_terms" })
}

// lowest is the confidence a reviewer is shown: a proposal is as sure as the draft it was made from.
func lowest(own, input *busv1.Confidence) float64 {
	if input == nil {
		return own.GetScore()
	}
	return min(own.GetScore(), input.GetScore())
}
