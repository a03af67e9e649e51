package api

import (
	"context"
	"slices"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type tools struct{ *core }

func (s tools) ListTools(ctx context.Context, _ *platformv1.ListToolsRequest) (*platformv1.ListToolsResponse, error) {
	resp := &platformv1.ListToolsResponse{}
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.ToolList(ctx)
		if err != nil {
			return err
		}
		resp.Tools = all(rows, toolOf)
		if !slices.ContainsFunc(rows, toolChanged) {
			return nil // nothing can be held back
		}
		held, err := tx.HeldFor(ctx)
		for _, t := range resp.GetTools() {
			t.HeldTasks = held[t.GetName()]
		}
		return err
	})
	return resp, err
}

func (s tools) AcceptTool(ctx context.Context, req *platformv1.AcceptToolRequest) (*platformv1.AcceptToolResponse, error) {
	row, err := s.Commit.AcceptTool(ctx, scope(ctx), req.GetName(), req.GetDigest(), req.GetRationale())
	if err != nil {
		return nil, err
	}
	return &platformv1.AcceptToolResponse{Tool: toolOf(row)}, nil
}
