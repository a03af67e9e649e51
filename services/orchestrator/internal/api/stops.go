package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/store"
)

type stops struct{ *core }

func (s stops) PressStop(ctx context.Context, req *platformv1.PressStopRequest) (*platformv1.PressStopResponse, error) {
	if (req.GetScope() == platformv1.StopScope_STOP_SCOPE_TENANT) != (req.GetScopeId() == "") {
		return nil, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "scope_id names the agent, account or campaign to stop; leave it empty to stop the whole tenant")
	}
	row, err := s.Commit.PressStop(ctx, scope(ctx), wordOf(req.GetScope(), "STOP_SCOPE_"), req.GetScopeId(), req.GetReason())
	if err != nil {
		return nil, err
	}
	return &platformv1.PressStopResponse{Stop: stopOf(row)}, nil
}

func (s stops) ReleaseStop(ctx context.Context, req *platformv1.ReleaseStopRequest) (*platformv1.ReleaseStopResponse, error) {
	row, err := s.Commit.ReleaseStop(ctx, scope(ctx), req.GetStopId(), req.GetStateVersion(), req.GetReason())
	if err != nil {
		return nil, err
	}
	return &platformv1.ReleaseStopResponse{Stop: stopOf(row)}, nil
}

func (s stops) ListStops(ctx context.Context, req *platformv1.ListStopsRequest) (*platformv1.ListStopsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(s store.Stop) string { return s.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Stop, error) {
			return tx.StopList(ctx, req.GetAll(), before, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListStopsResponse{Stops: all(rows, stopOf), NextPageToken: next}, nil
}
