package api

import (
	"context"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type reviews struct{ *core }

func (s reviews) GetReview(ctx context.Context, req *platformv1.GetReviewRequest) (*platformv1.GetReviewResponse, error) {
	resp := &platformv1.GetReviewResponse{}
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.ReviewGet(ctx, req.GetReviewId())
		if err != nil {
			return err
		}
		if resp.Review, err = reviewWhole(ctx, tx, row); err != nil {
			return err
		}
		stored, err := tx.ResultGet(ctx, row.ResultID)
		if err != nil {
			return err
		}
		result, err := resultBody(stored)
		if err != nil {
			return err
		}
		resp.ProposalJson = string(result.GetOutputJson())
		if err := leanOn(ctx, tx, row.TaskID, resp); err != nil {
			return err
		}
		task, err := tx.TaskGet(ctx, row.TaskID)
		if err != nil {
			return err
		}
		resp.Remarks, err = tx.RemarksOn(ctx, row.CampaignID, task.Node)
		return err
	})
	return resp, err
}

// reviewWhole adds to a review what lies in other tables: its step, the last text a person saw of it, the Judge's checks.
func reviewWhole(ctx context.Context, tx *store.Tx, row store.Review) (*platformv1.Review, error) {
	review := reviewOf(row)
	task, err := tx.TaskGet(ctx, row.TaskID)
	if err != nil {
		return nil, err
	}
	planned, err := tx.PlannedAt(ctx, row.TaskID)
	if err != nil {
		return nil, err
	}
	before, err := tx.ReviewedBefore(ctx, row, task.Node)
	if err != nil {
		return nil, err
	}
	review.Node, review.PlannedAt, review.LastReviewedText = task.Node, stampIf(planned), textIn(before)
	judged, err := tx.DecisionOn(ctx, row.ResultID, "judge")
	if store.IsMissing(err) {
		return review, nil
	}
	if err != nil {
		return nil, err
	}
	body, err := decisionBody(judged)
	if err != nil {
		return nil, err
	}
	review.Checks = body.GetChecks()
	return review, nil
}

func (s reviews) answer(ctx context.Context, row store.Review, err error) (*platformv1.Review, error) {
	if err != nil {
		return nil, err
	}
	var review *platformv1.Review
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		review, err = reviewWhole(ctx, tx, row)
		return err
	})
	return review, err
}

func (s reviews) ClaimReview(ctx context.Context, req *platformv1.ClaimReviewRequest) (*platformv1.ClaimReviewResponse, error) {
	row, err := s.Commit.ClaimReview(ctx, scope(ctx), req.GetReviewId(), req.GetStateVersion())
	review, err := s.answer(ctx, row, err)
	return &platformv1.ClaimReviewResponse{Review: review}, err
}

func (s reviews) ReleaseReview(ctx context.Context, req *platformv1.ReleaseReviewRequest) (*platformv1.ReleaseReviewResponse, error) {
	row, err := s.Commit.ReleaseReview(ctx, scope(ctx), req.GetReviewId(), req.GetStateVersion())
	review, err := s.answer(ctx, row, err)
	return &platformv1.ReleaseReviewResponse{Review: review}, err
}

func (s reviews) ApproveReview(ctx context.Context, req *platformv1.ApproveReviewRequest) (*platformv1.ApproveReviewResponse, error) {
	idem, err := s.idempotency(ctx, req)
	if err != nil {
		return nil, err
	}
	var edited []byte // nil approves what was proposed
	if req.GetEditedPayloadJson() != "" {
		edited = []byte(req.GetEditedPayloadJson())
	}
	row, err := s.Commit.ApproveReview(ctx, scope(ctx), idem, req.GetReviewId(), req.GetStateVersion(), req.GetPayloadSha256(), edited, req.GetRationale())
	review, err := s.answer(ctx, row, err)
	return &platformv1.ApproveReviewResponse{Review: review}, err
}

func (s reviews) RejectReview(ctx context.Context, req *platformv1.RejectReviewRequest) (*platformv1.RejectReviewResponse, error) {
	row, err := s.Commit.RejectReview(ctx, scope(ctx), req.GetReviewId(), req.GetStateVersion(), req.GetRationale())
	review, err := s.answer(ctx, row, err)
	return &platformv1.RejectReviewResponse{Review: review}, err
}

func (s reviews) RequestChanges(ctx context.Context, req *platformv1.RequestChangesRequest) (*platformv1.RequestChangesResponse, error) {
	row, version, err := s.Commit.RequestChanges(ctx, scope(ctx), req.GetReviewId(), req.GetStateVersion(), req.GetRemarks())
	review, err := s.answer(ctx, row, err)
	return &platformv1.RequestChangesResponse{Review: review, PlanVersion: version}, err
}

func (s reviews) SnoozeReview(ctx context.Context, req *platformv1.SnoozeReviewRequest) (*platformv1.SnoozeReviewResponse, error) {
	var until time.Time // zero wakes
	if req.GetUntil() != nil {
		until = req.GetUntil().AsTime()
	}
	row, err := s.Commit.SnoozeReview(ctx, scope(ctx), req.GetReviewId(), req.GetStateVersion(), until)
	review, err := s.answer(ctx, row, err)
	return &platformv1.SnoozeReviewResponse{Review: review}, err
}
