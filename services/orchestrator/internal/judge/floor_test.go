package judge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

// drawCase draws any policy over any result: modes and kinds that do not belong together included.
func drawCase(t *rapid.T) Case {
	c := proposal(nil)
	if rapid.Bool().Draw(t, "draft") {
		c = draft("Bees.")
	}
	spec := c.Task.Spec
	if rapid.Bool().Draw(t, "mix kinds") {
		spec.Kind = busv1.TaskKind(rapid.IntRange(0, 3).Draw(t, "kind"))
		spec.Mode = busv1.TaskMode(rapid.IntRange(0, 3).Draw(t, "mode"))
	}
	spec.Tool = rapid.SampledFrom([]string{spec.Tool, "publisher.publish", "publisher.delete", "messenger.send", "wallet.transfer", "copywriter.draft"}).Draw(t, "tool")
	c.Policy = &platformv1.Policy{
		Version:             rapid.Int32Range(0, 9).Draw(t, "version"),
		ConfidenceThreshold: rapid.Float64Range(0, 1).Draw(t, "threshold"),
		MaxPostsPerDay:      rapid.Int32Range(0, 1000).Draw(t, "posts"),
		BannedTerms:         rapid.SliceOfN(rapid.SampledFrom([]string{"nothing", "bees"}), 0, 1).Draw(t, "banned"),
	}
	if rapid.Bool().Draw(t, "no policy") {
		c.Policy = nil
	}
	c.Result.Confidence.Score = rapid.Float64Range(0, 1).Draw(t, "confidence")
	c.Result.Status = busv1.ResultStatus(rapid.IntRange(0, 3).Draw(t, "status"))
	c.Result.Outcome = busv1.EffectOutcome(rapid.IntRange(0, 3).Draw(t, "outcome"))
	c.Result.Retryable = rapid.Bool().Draw(t, "retryable")
	c.Result.Error = &typev1.ErrorInfo{Reason: typev1.Reason(rapid.IntRange(0, 42).Draw(t, "reason"))}
	c.Attempt = rapid.Int32Range(0, 20).Draw(t, "attempt")
	if minutes := rapid.SampledFrom([]int{-1, 0, 5, 31}).Draw(t, "held for"); minutes >= 0 {
		since := c.Now.Add(-time.Duration(minutes) * time.Minute)
		c.HeldSince = &since
	}
	c.ReviewedLater = rapid.Bool().Draw(t, "later")
	c.BudgetMicros = rapid.Int64Range(0, 1000).Draw(t, "budget")
	c.Result.Usage.CostMicros = rapid.Int64Range(0, 1000).Draw(t, "cost")
	return c
}

// slipped is R10.3 and R10.5 as one question, put without the floor's own words: did an effect pass that no
// person approved, or may one be repeated whose outcome is not known?
func slipped(c Case, d *busv1.ReviewDecision) string {
	spec, outcome := c.Task.GetSpec(), c.Result.GetOutcome()
	changes := spec.GetKind() == busv1.TaskKind_TASK_KIND_EFFECT || spec.GetMode() != busv1.TaskMode_TASK_MODE_RUN ||
		spec.GetTool() == "publisher.publish" || spec.GetTool() == "publisher.delete" || outcome != busv1.EffectOutcome_EFFECT_OUTCOME_UNSPECIFIED
	settled := spec.GetKind() == busv1.TaskKind_TASK_KIND_EFFECT && spec.GetMode() == busv1.TaskMode_TASK_MODE_EXECUTE && outcome == busv1.EffectOutcome_EFFECT_OUTCOME_DONE
	switch {
	case changes && !settled && d.GetVerdict() == busv1.Verdict_VERDICT_APPROVED:
		return "an effect was approved without a person"
	case d.GetAuthorisation().GetPayloadSha256() != "" || len(d.GetAuthorisation().GetArgumentsJson()) > 0:
		return "the judge authorised a payload"
	case d.GetDisposition() == busv1.Disposition_DISPOSITION_RETRY && spec.GetMode() == busv1.TaskMode_TASK_MODE_EXECUTE && outcome != busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE:
		return "an effect of unknown outcome would be repeated"
	case d.GetDisposition() == busv1.Disposition_DISPOSITION_RETRY && c.Attempt >= c.MaxAttempts && (spec.GetMode() != busv1.TaskMode_TASK_MODE_EXECUTE || c.Attempt >= executionAttempts):
		return "attempts have no end"
	case d.GetDisposition() == busv1.Disposition_DISPOSITION_HOLD && spec.GetMode() == busv1.TaskMode_TASK_MODE_EXECUTE:
		return "an execution would be repeated uncounted"
	// A switch is a person's, who keeps it on for as long as they like.
	case d.GetDisposition() == busv1.Disposition_DISPOSITION_HOLD && c.Result.GetError().GetReason() != typev1.Reason_REASON_STOPPED && c.HeldSince != nil && c.Now.Sub(*c.HeldSince) > 30*time.Minute:
		return "a wait has no end"
	}
	return ""
}

// R10.3: no policy, confidence, status or annotation lets an effect pass.
func TestNoEffectPassesTheFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		require.Empty(t, slipped(c, Judge(c).Decision))
	})
}

// The same property must catch each of these broken judges; one that it cannot catch proves nothing.
func TestPropertyCatchesBrokenJudges(t *testing.T) {
	for name, broken := range map[string]func(Case) *busv1.ReviewDecision{
		"without the floor": func(c Case) *busv1.ReviewDecision {
			f := gather(c)
			return decide(f, examine(f)).render(f).Decision
		},
		"confidence passes the floor": func(c Case) *busv1.ReviewDecision {
			f := gather(c)
			r := decide(f, examine(f))
			if f.Result.GetConfidence().GetScore() < 0.9 {
				r = floor(f, r)
			}
			return r.render(f).Decision
		},
		"policy passes the floor": func(c Case) *busv1.ReviewDecision {
			f := gather(c)
			r := decide(f, examine(f))
			if f.Policy.GetConfidenceThreshold() > 0.2 {
				r = floor(f, r)
			}
			return r.render(f).Decision
		},
		"unknown effects are let through": func(c Case) *busv1.ReviewDecision {
			f := gather(c)
			r := decide(f, examine(f))
			if _, known := effects[f.tool]; known {
				r = floor(f, r)
			}
			return r.render(f).Decision
		},
		"unknown outcomes are repeated": func(c Case) *busv1.ReviewDecision {
			d := Judge(c).Decision
			if d.GetDisposition() == busv1.Disposition_DISPOSITION_RECONCILE {
				d.Disposition = busv1.Disposition_DISPOSITION_RETRY
			}
			return d
		},
		"executions are held": func(c Case) *busv1.ReviewDecision {
			d := Judge(c).Decision
			if d.GetDisposition() == busv1.Disposition_DISPOSITION_RETRY {
				d.Disposition = busv1.Disposition_DISPOSITION_HOLD
			}
			return d
		},
		"waits are not bounded": func(c Case) *busv1.ReviewDecision {
			return Judge(with(c, func(c *Case) { c.HeldSince = nil })).Decision
		},
		"attempts are not counted": func(c Case) *busv1.ReviewDecision {
			c.MaxAttempts = 1000
			return Judge(c).Decision
		},
	} {
		t.Run(name, func(t *testing.T) {
			caught := false
			for seed := 0; !caught && seed < 3000; seed++ {
				c := rapid.Custom(drawCase).Example(seed)
				caught = slipped(c, broken(c)) != ""
			}
			require.True(t, caught)
		})
	}
}

// R10.1: whatever else holds, a result below the threshold is not approved unless a proposal follows it.
func TestLowConfidenceNeverPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		c.ReviewedLater = false
		d := Judge(c).Decision
		below := c.Result.GetConfidence().GetScore() < c.Policy.GetConfidenceThreshold() || c.Policy == nil
		if below && c.Task.GetSpec().GetMode() != busv1.TaskMode_TASK_MODE_EXECUTE {
			require.NotEqual(t, busv1.Verdict_VERDICT_APPROVED, d.GetVerdict())
		}
		require.LessOrEqual(t, d.GetRetryAfter().AsDuration(), time.Hour)
	})
}
