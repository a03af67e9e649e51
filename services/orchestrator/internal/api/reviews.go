package api

import (
	"context"
	"encoding/json"
	"errors"

	"connectrpc.com/connect"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type reviews struct{ *core }

func (s reviews) ListReviews(ctx context.Context, req *platformv1.ListReviewsRequest) (*platformv1.ListReviewsResponse, error) {
	filter := store.ReviewFilter{State: wordOf(req.GetState(), "REVIEW_STATE_"), CampaignID: req.GetCampaignId(), AccountID: req.GetAccountId()}
	if filter.State == "" {
		filter.State = "open"
	}
	var open int
	rows, next, err := page(ctx, s.core, req, reviewCursor,
		func(ctx context.Context, tx *store.Tx, after string, limit int) ([]store.Review, error) {
			if err := exists(ctx, filter.CampaignID, tx.CampaignGet); err != nil {
				return nil, err
			}
			if err := exists(ctx, filter.AccountID, tx.AccountGet); err != nil {
				return nil, err
			}
			var from *store.ReviewCursor
			if after != "" {
				from = &store.ReviewCursor{}
				if json.Unmarshal([]byte(after), from) != nil {
					return nil, errPageToken
				}
			}
			var err error
			if open, err = tx.OpenReviews(ctx); err != nil {
				return nil, err
			}
			return tx.ReviewList(ctx, filter, from, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListReviewsResponse{Reviews: all(rows, reviewOf), NextPageToken: next, OpenCount: int32(min(open, 1<<30))}, nil
}

// maxSources bounds what a reviewer is shown of a long lineage.
const maxSources = 100

// The queue pages by urgency, not by id.
func reviewCursor(r store.Review) string {
	raw, _ := json.Marshal(store.ReviewCursor{Risk: r.Risk, Deadline: r.Deadline, ID: r.ID}) // a struct of scalars
	return string(raw)
}

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
		if resp.Sources, err = lineageSources(ctx, tx, row.TaskID); err != nil {
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

// lineageSources are what the proposal was made from, each once: its drafts' sources and those that went into them.
func lineageSources(ctx context.Context, tx *store.Tx, taskID string) ([]*platformv1.TaskSource, error) {
	line, err := tx.TaskLineage(ctx, taskID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(line))
	for _, t := range line {
		ids = append(ids, t.ID)
	}
	rows, err := tx.ResultsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var sources []*platformv1.TaskSource
	for _, row := range rows {
		result, err := resultBody(row)
		if err != nil {
			return nil, err
		}
		for _, s := range sourcesOf(result) {
			if key := s.GetUrl() + "\x00" + s.GetTitle(); !seen[key] && len(sources) < maxSources {
				seen[key] = true
				sources = append(sources, s)
			}
		}
	}
	return sources, nil
}

// reviewWhole adds the Judge's checks to a review.
func reviewWhole(ctx context.Context, tx *store.Tx, row store.Review) (*platformv1.Review, error) {
	review := reviewOf(row)
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

// SnoozeReview is next.
func (s reviews) SnoozeReview(context.Context, *platformv1.SnoozeReviewRequest) (*platformv1.SnoozeReviewResponse, error) {
	return nil, connect.NewError(connect.CodeUnimplemented, errors.New("not there yet"))
}
