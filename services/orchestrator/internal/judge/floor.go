package judge

import (
	"slices"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

const floorName = "human_floor"

// effects names the tools that are known to change the outside world and what they do. It widens nothing:
// an effect that does not stand here is held back too, and marked as unknown. Direct messages and money
// get their entries with their skills.
var effects = map[string]string{
	"publisher.publish": "public publishing",
	"publisher.delete":  "public deletion",
}

const unknownEffect = "an effect of unknown kind"

func effectClass(tool string) string {
	if class, ok := effects[tool]; ok {
		return class
	}
	return unknownEffect
}

// floor is compiled in and speaks last (R10.3, R10.5). It reads neither the policy nor the confidence nor
// any annotation of a tool, and it can only make a ruling stricter.
//
// Approved may stay only what changed nothing outside (a read or draft that ran as such, by a tool that is
// no known effect), or what a person had approved before (an executed effect that is done). A proposal
// always goes to a person. Everything else, such as a dry run that reports an effect, is a step out of order.
func floor(f *facts, r ruling) ruling {
	class := effectClass(f.tool)
	switch {
	case f.proposes() && f.kind == busv1.TaskKind_TASK_KIND_EFFECT && f.Result.GetOutcome() == busv1.EffectOutcome_EFFECT_OUTCOME_UNSPECIFIED:
		r.findings = append(slices.Clone(r.findings), escalated(floorName, class+" always needs a person", "a person's approval", f.tool, "no policy and no confidence can pass this"))
		if r.verdict == busv1.Verdict_VERDICT_APPROVED {
			r.verdict = busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW
		}
		return r
	case f.executes() && f.kind == busv1.TaskKind_TASK_KIND_EFFECT:
		if r.verdict != busv1.Verdict_VERDICT_APPROVED || f.Result.GetOutcome() == busv1.EffectOutcome_EFFECT_OUTCOME_DONE {
			return r
		}
	case f.ranHarmlessly():
		return r
	}
	return outOfOrder(f, r)
}

func (f *facts) ranHarmlessly() bool {
	_, known := effects[f.tool]
	harmless := f.kind == busv1.TaskKind_TASK_KIND_READ || f.kind == busv1.TaskKind_TASK_KIND_DRAFT
	return f.mode == busv1.TaskMode_TASK_MODE_RUN && harmless && !known &&
		f.Result.GetOutcome() == busv1.EffectOutcome_EFFECT_OUTCOME_UNSPECIFIED
}

// outOfOrder refuses for good: another attempt would be another effect without a grant.
func outOfOrder(f *facts, r ruling) ruling {
	x := rejected(busv1.Disposition_DISPOSITION_FAIL, "route", "an effect is proposed, approved by a person and executed under a grant, in this order", "kind effect, mode propose or execute",
		f.kind.String()+", "+f.mode.String()+", "+f.Result.GetOutcome().String(), "the step left the route that every effect takes; nothing of it is committed")
	x.highRisk = true
	return ruling{
		verdict:     busv1.Verdict_VERDICT_REJECTED,
		disposition: busv1.Disposition_DISPOSITION_FAIL,
		findings:    append(slices.Clone(r.findings), x),
	}
}
