package judge

import (
	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/orchestrator/internal/planner/accept"
)

// acceptance evaluates the plan's criteria for the step.
func acceptance(f *facts) []finding {
	var findings []finding
	for _, r := range f.Accept {
		if (r.Mode == accept.Propose && !f.proposes()) || (r.Mode == accept.Execute && !f.executes()) {
			continue
		}
		rule := "the plan's criterion for " + r.Path
		ok, threshold, value := r.Test(f.output)
		if ok {
			findings = append(findings, passed("acceptance", rule, threshold, value, "the criterion is met"))
			continue
		}
		findings = append(findings, rejected(unmet(f, r), "acceptance", rule, threshold, value, "the output does not do what the step is for"))
	}
	return findings
}

func unmet(f *facts, r accept.Rule) busv1.Disposition {
	switch {
	case f.executes():
		return busv1.Disposition_DISPOSITION_RECONCILE
	case f.proposes():
		return reviseOrFail(f)
	case r.Retry, f.kind == busv1.TaskKind_TASK_KIND_DRAFT:
		return retryOrFail(f)
	}
	return busv1.Disposition_DISPOSITION_FAIL
}

// partial asks a person about content that was made from less than it should; of reads the criteria decide.
func partial(f *facts) []finding {
	if f.Result.GetStatus() != busv1.ResultStatus_RESULT_STATUS_PARTIAL || f.executes() || f.content == nil {
		return nil
	}
	return f.doubt(escalated("partial", "content from a partial result needs a person", "success", "partial", "the tool could do only part of its work"))
}

// doubt turns an escalation into a note where the same person reads the same words at the proposal.
func (f *facts) doubt(x finding) []finding {
	if f.ReviewedLater && !f.proposes() {
		x.Passed, x.Escalates = true, false
		x.Message = clip(x.GetMessage()+"; left to the review of the proposal it leads to", 1000)
	}
	return []finding{x}
}
