package api

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

func campaignOf(c store.Campaign, accountIDs []string, progress map[string]int32) (*platformv1.Campaign, error) {
	params, err := fromJSON(c.Parameters, &platformv1.CampaignParameters{})
	return &platformv1.Campaign{
		Id: c.ID, AgentId: c.AgentID, AccountIds: accountIDs, Name: c.Name, Goal: c.Goal, Playbook: c.Playbook, Parameters: params,
		State: enumOf[platformv1.CampaignState](platformv1.CampaignState_value, "CAMPAIGN_STATE_", c.State), PlanVersion: c.PlanVersion,
		StateVersion: c.StateVersion, CreatedAt: stamp(c.CreatedAt), Progress: progress, SpentMicros: c.SpentMicros,
		Counts: countsOf(progress), BudgetMicros: c.BudgetMicros, UpdatedAt: stamp(c.UpdatedAt),
	}, err
}

func countsOf(progress map[string]int32) *platformv1.CampaignCounts {
	n := &platformv1.CampaignCounts{}
	for state, k := range progress {
		n.Total += k
		switch state {
		case "succeeded":
			n.Done += k
		case "awaiting_review", "unknown":
			n.WaitingHuman += k
		case "failed", "rejected", "expired":
			n.Failed += k
		case "queued", "running", "judging":
			n.Running += k
		}
	}
	return n
}

func planVersionOf(p store.Plan) *platformv1.PlanVersion {
	return &platformv1.PlanVersion{Version: p.Version, Cause: p.Cause, CreatedBy: p.CreatedBy, CreatedAt: stamp(p.CreatedAt), AddedNodes: p.Added, RemovedNodes: p.Removed, PersonaVersion: p.PersonaVersion}
}

func taskOf(t store.Task) (*platformv1.Task, error) {
	info, err := errorInfo(t.Error)
	task := &platformv1.Task{
		Id: t.ID, CampaignId: t.CampaignID, Node: t.Node, Tool: t.Tool, Kind: t.Kind, Mode: t.Mode,
		State: enumOf[platformv1.TaskState](platformv1.TaskState_value, "TASK_STATE_", t.State), AccountId: t.Account(), Attempt: t.Attempt,
		MaxAttempts: t.MaxAttempts, StateVersion: t.StateVersion, Tainted: t.Tainted, Error: info, NotBefore: stamp(t.NotBefore), Deadline: stampIf(t.Deadline),
		CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt), PlanVersion: t.PlanVersion, CostMicros: t.CostMicros, RequestId: t.RequestID, Degraded: t.Degraded,
		Timeout: durationpb.New(time.Duration(t.TimeoutMS) * time.Millisecond),
	}
	switch t.State {
	case "succeeded", "rejected", "failed", "expired", "cancelled":
		task.FinishedAt = stamp(t.UpdatedAt) // no transition leads away, so it is the last one's time
	}
	return task, err
}

func withTimes(task *platformv1.Task, times store.TaskTimes) {
	task.StartedAt, task.LastVerdict = stampIf(times.StartedAt), times.LastVerdict
}

// resultBody and decisionBody open the protobuf that was stored as it came.
func resultBody(r store.Result) (*busv1.Result, error) {
	body := &busv1.Result{}
	if err := proto.Unmarshal(r.Body, body); err != nil {
		return nil, fmt.Errorf("stored result %s: %w", r.ID, err)
	}
	return body, nil
}

func decisionBody(d store.Decision) (*busv1.ReviewDecision, error) {
	body := &busv1.ReviewDecision{}
	if err := proto.Unmarshal(d.Body, body); err != nil {
		return nil, fmt.Errorf("stored decision %s: %w", d.ID, err)
	}
	return body, nil
}

func attemptOf(r store.Result) (*platformv1.TaskAttempt, error) {
	b, err := resultBody(r)
	if err != nil {
		return nil, err
	}
	a := &platformv1.TaskAttempt{
		ResultId: r.ID, Attempt: b.GetAttempt(), Status: wordOf(b.GetStatus(), "RESULT_STATUS_"), OutputJson: string(b.GetOutputJson()), Error: b.GetError(),
		Confidence: b.GetConfidence().GetScore(), ConfidenceBasis: b.GetConfidence().GetBasis(), Method: b.GetProvenance().GetMethod(), Model: b.GetProvenance().GetModel(),
		Prompt: b.GetProvenance().GetPrompt(), Tainted: b.GetProvenance().GetTainted(), Sources: sourcesOf(b), DurationMs: b.GetUsage().GetDuration().AsDuration().Milliseconds(),
		CostMicros: b.GetUsage().GetCostMicros(), WorkerId: b.GetWorkerId(), FinishedAt: b.GetFinishedAt(), Degraded: b.GetProvenance().GetDegraded(),
		RequestId: b.GetRequestId(), InputTokens: b.GetUsage().GetInputTokens(), OutputTokens: b.GetUsage().GetOutputTokens(),
		StartedAt: stamp(b.GetFinishedAt().AsTime().Add(-b.GetUsage().GetDuration().AsDuration())),
		ToolCalls: all(b.GetTools(), func(t *busv1.ToolVersion) *platformv1.ToolCall {
			return &platformv1.ToolCall{Tool: t.GetTool(), Version: t.GetVersion(), Digest: t.GetDigest()}
		}),
	}
	if len(b.GetTools()) > 0 {
		a.ToolDigest = b.GetTools()[0].GetDigest()
	}
	return a, nil
}

func sourcesOf(b *busv1.Result) []*platformv1.TaskSource {
	return all(b.GetProvenance().GetSources(), func(s *busv1.Source) *platformv1.TaskSource {
		return &platformv1.TaskSource{Url: s.GetUrl(), Title: s.GetTitle(), Tainted: s.GetTainted()}
	})
}

func verdictOf(d store.Decision) (*platformv1.TaskVerdict, error) {
	b, err := decisionBody(d)
	if err != nil {
		return nil, err
	}
	return &platformv1.TaskVerdict{
		Id: d.ID, ResultId: d.ResultID, Verdict: b.GetVerdict(), DecidedBy: d.DecidedBy, Human: d.Decider == "human",
		Rationale: b.GetRationale(), Checks: b.GetChecks(), DecidedAt: b.GetDecidedAt(),
	}, nil
}
