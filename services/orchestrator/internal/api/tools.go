package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type tools struct{ *core }

func (s tools) ListTools(ctx context.Context, _ *platformv1.ListToolsRequest) (*platformv1.ListToolsResponse, error) {
	var rows []store.Tool
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		rows, err = tx.ToolList(ctx)
		return err
	})
	return &platformv1.ListToolsResponse{Tools: all(rows, toolOf)}, err
}

func (s tools) AcceptTool(ctx context.Context, req *platformv1.AcceptToolRequest) (*platformv1.AcceptToolResponse, error) {
	row, err := s.Commit.AcceptTool(ctx, scope(ctx), req.GetName(), req.GetDigest(), req.GetRationale())
	if err != nil {
		return nil, err
	}
	return &platformv1.AcceptToolResponse{Tool: toolOf(row)}, nil
}
