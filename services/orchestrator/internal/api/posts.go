package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type posts struct{ *core }

func (s posts) ListPosts(ctx context.Context, req *platformv1.ListPostsRequest) (*platformv1.ListPostsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(p store.Post) string { return p.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Post, error) {
			if err := exists(ctx, req.GetCampaignId(), tx.CampaignGet); err != nil {
				return nil, err
			}
			if err := exists(ctx, req.GetAccountId(), tx.AccountGet); err != nil {
				return nil, err
			}
			return tx.PostList(ctx, req.GetCampaignId(), req.GetAccountId(), before, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListPostsResponse{Posts: all(rows, postOf), NextPageToken: next}, nil
}

func (s posts) GetPost(ctx context.Context, req *platformv1.GetPostRequest) (*platformv1.GetPostResponse, error) {
	resp := &platformv1.GetPostResponse{}
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		post, err := tx.PostGet(ctx, req.GetPostId())
		if err != nil {
			return err
		}
		effect, err := tx.EffectGet(ctx, post.EffectID)
		if err != nil {
			return err
		}
		resp.Post, resp.Effect = postOf(post), effectOf(effect)
		resp.Timeline, err = timeline(ctx, tx, post, effect)
		return err
	})
	return resp, err
}

func (s posts) ListEffects(ctx context.Context, req *platformv1.ListEffectsRequest) (*platformv1.ListEffectsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(e store.Effect) string { return e.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Effect, error) {
			return tx.EffectList(ctx, wordOf(req.GetState(), "EFFECT_STATE_"), before, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListEffectsResponse{Effects: all(rows, effectOf), NextPageToken: next}, nil
}

func (s posts) ResolveEffect(ctx context.Context, req *platformv1.ResolveEffectRequest) (*platformv1.ResolveEffectResponse, error) {
	row, err := s.Commit.ResolveEffect(ctx, scope(ctx), req.GetEffectId(), req.GetStateVersion(), req.GetPublished(), req.GetUrl(), req.GetRationale())
	if err != nil {
		return nil, err
	}
	return &platformv1.ResolveEffectResponse{Effect: effectOf(row)}, nil
}
