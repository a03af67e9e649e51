package api

import (
	"context"
	"encoding/json"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

func (s reviews) ListReviews(ctx context.Context, req *platformv1.ListReviewsRequest) (*platformv1.ListReviewsResponse, error) {
	filter := reviewFilter(ctx, req)
	resp := &platformv1.ListReviewsResponse{CountsByRisk: map[string]int32{}, CountsByPlatform: map[string]int32{}}
	rows, next, err := page(ctx, s.core, req, reviewCursor,
		func(ctx context.Context, tx *store.Tx, after string, limit int) ([]store.Review, error) {
			if err := reviewFilterExists(ctx, tx, filter); err != nil {
				return nil, err
			}
			from, err := reviewCursorFrom(after)
			if err != nil {
				return nil, err
			}
			if err := countOpen(ctx, tx, resp); err != nil {
				return nil, err
			}
			matching, err := tx.ReviewMatching(ctx, filter)
			if err != nil {
				return nil, err
			}
			resp.MatchingCount = int32(matching)
			return tx.ReviewList(ctx, filter, from, limit)
		})
	if err != nil {
		return nil, err
	}
	resp.Reviews, resp.NextPageToken = all(rows, reviewOf), next
	return resp, nil
}

func reviewFilter(ctx context.Context, req *platformv1.ListReviewsRequest) store.ReviewFilter {
	f := store.ReviewFilter{
		State: wordOf(req.GetState(), "REVIEW_STATE_"), CampaignID: req.GetCampaignId(), AccountID: req.GetAccountId(), AgentID: req.GetAgentId(),
		Platform: req.GetPlatform(), Risk: int16(req.GetRisk()), Query: req.GetQuery(), Within: time.Duration(req.GetExpiringWithinSeconds()) * time.Second,
		Unheld: req.GetHolder() == platformv1.ReviewHolder_REVIEW_HOLDER_NOBODY, Snoozed: req.GetIncludeSnoozed(),
		Newest: req.GetOrder() == platformv1.ReviewOrder_REVIEW_ORDER_NEWEST,
	}
	if f.State == "" {
		f.State = "open"
	}
	if req.GetHolder() == platformv1.ReviewHolder_REVIEW_HOLDER_ME {
		f.Holder = scope(ctx).Actor
	}
	return f
}

func reviewFilterExists(ctx context.Context, tx *store.Tx, f store.ReviewFilter) error {
	if err := exists(ctx, f.CampaignID, tx.CampaignGet); err != nil {
		return err
	}
	if err := exists(ctx, f.AgentID, tx.AgentGet); err != nil {
		return err
	}
	return exists(ctx, f.AccountID, tx.AccountGet)
}

func countOpen(ctx context.Context, tx *store.Tx, resp *platformv1.ListReviewsResponse) error {
	counts, err := tx.OpenReviewCounts(ctx)
	for _, c := range counts {
		resp.OpenCount += c.N
		resp.SnoozedCount += c.Snoozed
		resp.ExpiringCount += c.Expiring
		resp.CountsByRisk[wordOf(platformv1.ReviewRisk(c.Risk), "REVIEW_RISK_")] += c.N
		if c.Platform != "" {
			resp.CountsByPlatform[c.Platform] += c.N
		}
	}
	return err
}

// The queue pages by urgency, not by id.
func reviewCursor(r store.Review) string {
	raw, _ := json.Marshal(store.ReviewCursor{UrgentAt: r.UrgentAt, ID: r.ID}) // a struct of scalars
	return string(raw)
}

func reviewCursorFrom(after string) (*store.ReviewCursor, error) {
	if after == "" {
		return nil, nil
	}
	from := &store.ReviewCursor{}
	if json.Unmarshal([]byte(after), from) != nil {
		return nil, errPageToken
	}
	return from, nil
}

// textIn finds a post's words in a payload; "" without any.
func textIn(payload []byte) string {
	var content struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(payload, &content) // another tool's payload has no text
	return content.Text
}
