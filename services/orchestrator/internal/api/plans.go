package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

type plans struct{ *core }

func (s plans) GetPlan(ctx context.Context, req *platformv1.GetPlanRequest) (*platformv1.GetPlanResponse, error) {
	resp := &platformv1.GetPlanResponse{}
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		campaign, err := tx.CampaignGet(ctx, req.GetCampaignId())
		if err != nil {
			return err
		}
		version := req.GetVersion()
		if version == 0 {
			version = campaign.PlanVersion
		}
		if version == 0 {
			return errs.New(errs.Conflict, typev1.Reason_REASON_WRONG_STATE, "this campaign has no plan yet; start it")
		}
		plan, err := tx.PlanGet(ctx, campaign.ID, version)
		if err != nil {
			return err
		}
		tasks, err := tx.PlanTasks(ctx, campaign.ID, version)
		if err != nil {
			return err
		}
		resp.Plan = planVersionOf(plan)
		if resp.Nodes, err = planNodes(plan, tasks); err != nil {
			return err
		}
		return withGates(ctx, tx, resp.GetNodes())
	})
	return resp, err
}

func planNodes(plan store.Plan, tasks []store.Task) ([]*platformv1.PlanNode, error) {
	var nodes []planner.Node
	if err := json.Unmarshal(plan.Nodes, &nodes); err != nil {
		return nil, fmt.Errorf("stored plan %s v%d: %w", plan.CampaignID, plan.Version, err)
	}
	byNode := make(map[string]store.Task, len(tasks))
	for _, t := range tasks {
		byNode[t.Node] = t
	}
	return each(nodes, func(n planner.Node) (*platformv1.PlanNode, error) {
		node := &platformv1.PlanNode{
			Key: n.Key, DependsOn: n.DependsOn, Title: n.Title, Tool: n.Tool, Kind: wordOf(n.Kind, "TASK_KIND_"), AccountId: n.AccountID, Platform: n.Platform,
			PlannedAt: stampIf(n.At), Revision: n.Revision, Delay: durationpb.New(n.Delay),
		}
		if n.Kind == busv1.TaskKind_TASK_KIND_EFFECT {
			// The floor's: no effect without a person (R10.3).
			node.Gate = &platformv1.PlanGate{State: "expected"}
		}
		row, ok := byNode[n.Key]
		if !ok {
			return node, nil
		}
		var err error
		node.Task, err = taskOf(row)
		return node, err
	})
}

// withGates adds what people decided, or are asked, at the steps, and when they began.
func withGates(ctx context.Context, tx *store.Tx, nodes []*platformv1.PlanNode) error {
	byTask := make(map[string]*platformv1.PlanNode, len(nodes))
	for _, n := range nodes {
		if n.GetTask() != nil {
			byTask[n.GetTask().GetId()] = n
		}
	}
	ids := slices.Collect(maps.Keys(byTask))
	times, err := tx.TaskTimesOf(ctx, ids)
	if err != nil {
		return err
	}
	for id, n := range byTask {
		withTimes(n.GetTask(), times[id])
	}
	reviews, err := tx.ReviewsOf(ctx, ids)
	for _, r := range reviews { // oldest first: the last one counts
		byTask[r.TaskID].Gate = &platformv1.PlanGate{
			ReviewId: r.ID, State: r.State, Reason: r.Reason, OpenedAt: stamp(r.CreatedAt), Deadline: stamp(r.Deadline),
			DecidedAt: stampIf(r.DecidedAt), DecidedBy: textIf(r.DecidedBy),
		}
	}
	return err
}

func (s plans) ListPlanVersions(ctx context.Context, req *platformv1.ListPlanVersionsRequest) (*platformv1.ListPlanVersionsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(p store.Plan) string { return versionCursor(p.Version) },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Plan, error) {
			if _, err := tx.CampaignGet(ctx, req.GetCampaignId()); err != nil {
				return nil, err
			}
			version, err := versionBefore(before)
			if err != nil {
				return nil, err
			}
			return tx.PlanList(ctx, req.GetCampaignId(), version, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListPlanVersionsResponse{Versions: all(rows, planVersionOf), NextPageToken: next}, nil
}

func (s plans) GetTask(ctx context.Context, req *platformv1.GetTaskRequest) (*platformv1.GetTaskResponse, error) {
	resp := &platformv1.GetTaskResponse{}
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.TaskGet(ctx, req.GetTaskId())
		if err != nil {
			return err
		}
		results, err := tx.ResultList(ctx, row.ID)
		if err != nil {
			return err
		}
		decisions, err := tx.DecisionList(ctx, row.ID)
		if err != nil {
			return err
		}
		resp.ArgumentsJson = string(row.Arguments)
		if resp.Task, err = taskOf(row); err != nil {
			return err
		}
		times, err := tx.TaskTimesOf(ctx, []string{row.ID})
		if err != nil {
			return err
		}
		withTimes(resp.GetTask(), times[row.ID])
		if resp.Attempts, err = each(results, attemptOf); err != nil {
			return err
		}
		resp.Verdicts, err = each(decisions, verdictOf)
		return err
	})
	return resp, err
}

func (s plans) ListTasks(ctx context.Context, req *platformv1.ListTasksRequest) (*platformv1.ListTasksResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(t store.Task) string { return t.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Task, error) {
			if err := exists(ctx, req.GetCampaignId(), tx.CampaignGet); err != nil {
				return nil, err
			}
			return tx.TaskList(ctx, req.GetCampaignId(), wordOf(req.GetState(), "TASK_STATE_"), before, limit)
		})
	if err != nil {
		return nil, err
	}
	list, err := each(rows, taskOf)
	return &platformv1.ListTasksResponse{Tasks: list, NextPageToken: next}, err
}

func (s plans) RetryTask(ctx context.Context, req *platformv1.RetryTaskRequest) (*platformv1.RetryTaskResponse, error) {
	row, err := s.Commit.RetryTask(ctx, scope(ctx), req.GetTaskId(), req.GetStateVersion())
	if err != nil {
		return nil, err
	}
	task, err := taskOf(row)
	return &platformv1.RetryTaskResponse{Task: task}, err
}
