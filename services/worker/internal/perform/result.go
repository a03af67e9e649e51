package perform

import (
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
	"chimera/services/worker/internal/toolbox"
)

var outcomes = map[toolmeta.Outcome]busv1.EffectOutcome{
	toolmeta.Done: busv1.EffectOutcome_EFFECT_OUTCOME_DONE, toolmeta.NotDone: busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE,
	toolmeta.Unknown: busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN,
}

// result makes of an answer what the Judge weighs. What the tool reports is cut to the schema's limits,
// never refused for them: a result that cannot be published helps nobody.
func (p *Performer) result(t *busv1.Task, c *internalv1.ClaimOutcome, a toolbox.Answer, took time.Duration) *busv1.Result {
	rep := a.Report
	r := &busv1.Result{
		Id: uuid.Must(uuid.NewV7()).String(), TenantId: t.GetTenantId(), TaskId: t.GetId(), Epoch: c.GetEpoch(), Attempt: c.GetAttempt(),
		Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS, OutputJson: a.Output,
		Confidence: confidence(rep, a.Err),
		Usage:      &busv1.Usage{Duration: durationpb.New(max(took, 0)), CostMicros: max(rep.CostMicros, 0), InputTokens: max(rep.InputTokens, 0), OutputTokens: max(rep.OutputTokens, 0)},
		Tools:      []*busv1.ToolVersion{{Tool: t.GetSpec().GetTool(), Version: clip(a.Version, 64), Digest: t.GetSpec().GetToolDigest()}},
		Provenance: &busv1.Provenance{
			Method: clip(rep.Method, 120), Model: clip(rep.Model, 120), Prompt: clip(rep.Prompt, 65536),
			// Taint only ever grows: what went in tainted comes out tainted, whatever the tool says.
			Tainted: rep.Tainted || t.GetSpec().GetTainted(),
		},
		WorkerId: clip(p.cfg.WorkerID, 120), FinishedAt: timestamppb.New(p.cfg.Now()), RequestId: t.GetContext().GetRequestId(),
	}
	for _, s := range rep.Sources[:min(len(rep.Sources), 100)] {
		r.Provenance.Sources = append(r.Provenance.Sources, &busv1.Source{Url: clip(s.URL, 2048), Title: clip(s.Title, 500), Tainted: s.Tainted})
	}
	for _, d := range rep.Degraded[:min(len(rep.Degraded), 16)] {
		r.Provenance.Degraded = append(r.Provenance.Degraded, clip(d, 200))
	}
	if t.GetSpec().GetMode() == busv1.TaskMode_TASK_MODE_EXECUTE {
		r.Outcome = outcomes[a.Outcome]
		if r.Outcome == busv1.EffectOutcome_EFFECT_OUTCOME_UNSPECIFIED {
			r.Outcome = busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN
		}
	}
	if a.Err != nil {
		r.Status, r.OutputJson = busv1.ResultStatus_RESULT_STATUS_FAILURE, nil
		r.Error = errs.Info(a.Err, t.GetContext().GetRequestId())
		r.Error.Message = clip(r.Error.GetMessage(), 2000)
		// An effect that may have happened is read back, never tried again as it is.
		r.Retryable = r.GetOutcome() != busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN && (a.Err.Kind.Retryable() || a.Err.Kind == errs.Cancelled)
	}
	return r
}

func confidence(rep toolmeta.Report, failed *errs.Error) *busv1.Confidence {
	if failed != nil {
		return &busv1.Confidence{Basis: "the attempt failed"}
	}
	c := &busv1.Confidence{Score: rep.Confidence, Basis: clip(rep.Basis, 400)}
	if math.IsNaN(c.GetScore()) || c.GetScore() < 0 || c.GetBasis() == "" {
		c.Score = 0
	}
	c.Score = min(c.GetScore(), 1)
	if c.GetBasis() == "" {
		c.Basis = "the tool states no basis"
	}
	return c
}

// clip cuts s to n characters, as the schema counts them, and drops what is not UTF-8: proto refuses it.
func clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	count := 0
	for i := range s {
		if count == n {
			return s[:i]
		}
		count++
	}
	return s
}
