package api

import (
	"context"

	internalv1 "chimera/gen/go/chimera/control/v1"
)

type workers struct{ *core }

func (s workers) ClaimTasks(ctx context.Context, req *internalv1.ClaimTasksRequest) (*internalv1.ClaimTasksResponse, error) {
	return s.Commit.Claim(ctx, callerFrom(ctx).identity.Actor(), req)
}

func (s workers) Heartbeat(ctx context.Context, req *internalv1.HeartbeatRequest) (*internalv1.HeartbeatResponse, error) {
	return s.Commit.Heartbeat(ctx, callerFrom(ctx).identity.Actor(), req)
}

func (s workers) RegisterTools(ctx context.Context, req *internalv1.RegisterToolsRequest) (*internalv1.RegisterToolsResponse, error) {
	return &internalv1.RegisterToolsResponse{}, s.Commit.RegisterTools(ctx, req)
}

// Recall answers only for a task that runs now under the epoch named: a worker cannot browse a tenant's memory.
func (s workers) Recall(ctx context.Context, req *internalv1.RecallRequest) (*internalv1.RecallResponse, error) {
	sc := serviceScope(ctx, req.GetTenantId())
	if _, err := s.Commit.RunningTask(ctx, sc, req.GetTaskId(), req.GetEpoch()); err != nil {
		return nil, err
	}
	memories, degraded, err := s.Deps.Recall(ctx, sc, req.GetQuery(), int(req.GetLimit()))
	return &internalv1.RecallResponse{Memories: memories, Degraded: degraded}, err
}
