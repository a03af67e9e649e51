// Package judge decides over every result before it changes anything (R7.3): a chain of small checks, each
// with what it measured, and last a floor that no configuration reaches (R10.3). It decides and holds no
// handles: values in, values out, so the same case always gets the same verdict.
package judge

import (
	"encoding/json"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/planner/accept"
)

// Case is all a verdict goes by.
type Case struct {
	Task   *busv1.Task
	Result *busv1.Result
	Policy *platformv1.Policy
	// OutputSchema is the tool's own, from its pinned descriptor; nil when it declares none.
	OutputSchema json.RawMessage
	Accept       []accept.Rule
	// Platform is the account's; empty when the task acts for no account.
	Platform string
	// Never is the persona's list, on top of the policy's banned terms.
	Never []string
	// ReviewedLater is the plan node's: a doubt about this output is left to the proposal's review.
	ReviewedLater bool
	// InputConfidence is the lowest among the outputs that went in, back to the last one that a person
	// approved: a certain publisher does not make an uncertain draft certain, and a reviewed post is no
	// doubt about reading it back. Nil when nothing went in.
	InputConfidence *busv1.Confidence
	// Revision is the plan node's, from 1.
	Revision int32
	// PostsLast24h counts what the account has published.
	PostsLast24h int
	// SpentMicros is the campaign's spending without this result, in millionths of the tenant's currency unit.
	SpentMicros, BudgetMicros int64
	Attempt, MaxAttempts      int32
	// HeldSince is when the task began to wait for a skill that is away; nil when the last attempt reached it.
	HeldSince        *time.Time
	TaskStateVersion int64
	Now              time.Time
	NewID            func() string
}

// Verdict is the decision and what a reviewer is shown first.
type Verdict struct {
	Decision *busv1.ReviewDecision
	Risk     platformv1.ReviewRisk
	// Reason is one sentence with rule, threshold and value.
	Reason string
	// PayloadJSON is a proposal's exact payload in canonical form, for which a person's approval may be
	// turned into a grant; nil unless the verdict asks for a person over a proposal.
	PayloadJSON   []byte
	PayloadSHA256 string
	// Text is the draft's or proposal's text, Excerpt the same cut for lists.
	Text, Excerpt string
}

// Judge runs every check that applies and lets the floor speak last. It never authorises a payload: only a
// person's decision carries one.
func Judge(c Case) Verdict {
	f := gather(c)
	return floor(f, decide(f, examine(f))).render(f)
}

// ruling is a verdict in the making.
type ruling struct {
	verdict     busv1.Verdict
	disposition busv1.Disposition
	retryAfter  time.Duration
	findings    []finding
}

func (r ruling) render(f *facts) Verdict {
	reason := sentence(r.findings)
	d := &busv1.ReviewDecision{
		Id:               f.NewID(),
		TenantId:         f.Task.GetTenantId(),
		TaskId:           f.Task.GetId(),
		ResultId:         f.Result.GetId(),
		TaskStateVersion: f.TaskStateVersion,
		Verdict:          r.verdict,
		Disposition:      r.disposition,
		Checks:           checks(r.findings),
		Rationale:        clip(reason, 4000),
		Decider:          busv1.DeciderKind_DECIDER_KIND_JUDGE,
		DecidedBy:        "judge",
		PolicyVersion:    f.Policy.GetVersion(),
		DecidedAt:        timestamppb.New(f.Now),
		RequestId:        f.Result.GetRequestId(),
	}
	v := Verdict{Decision: d, Risk: risk(f, r), Reason: reason}
	switch {
	case r.verdict == busv1.Verdict_VERDICT_APPROVED:
		d.Authorisation = &busv1.CommitAuthorisation{}
	case r.disposition == busv1.Disposition_DISPOSITION_RETRY, r.disposition == busv1.Disposition_DISPOSITION_HOLD:
		d.RetryAfter = durationpb.New(r.retryAfter)
	case r.disposition == busv1.Disposition_DISPOSITION_REVISE:
		d.Remarks = clip(remarks(r.findings), 4000)
	}
	if r.verdict == busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW && f.proposes() {
		v.PayloadJSON, v.PayloadSHA256 = f.payloadJSON, f.payloadSHA256
	}
	if f.content != nil {
		v.Text, v.Excerpt = f.content.Text, clip(f.content.Text, 280)
	}
	return v
}
