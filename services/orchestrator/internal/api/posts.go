package api

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
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
	list := all(rows, postOf)
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error { return withAgents(ctx, tx, list, nil) })
	return &platformv1.ListPostsResponse{Posts: list, NextPageToken: next}, err
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
		grants, err := tx.GrantList(ctx, effect.ID)
		if err != nil {
			return err
		}
		resp.Post, resp.Effect, resp.Grant = postOf(post), effectOf(effect), grantOf(effect, grants)
		if resp.Timeline, resp.TotalCostMicros, err = timeline(ctx, tx, post, effect, grants); err != nil {
			return err
		}
		return withAgents(ctx, tx, []*platformv1.Post{resp.GetPost()}, []*platformv1.Effect{resp.GetEffect()})
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
	list := all(rows, effectOf)
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error { return withAgents(ctx, tx, nil, list) })
	return &platformv1.ListEffectsResponse{Effects: list, NextPageToken: next}, err
}

// withAgents adds whose account it was, in one query.
func withAgents(ctx context.Context, tx *store.Tx, posts []*platformv1.Post, effects []*platformv1.Effect) error {
	ids := append(all(posts, (*platformv1.Post).GetAccountId), all(effects, (*platformv1.Effect).GetAccountId)...)
	owners, err := tx.OwnersOf(ctx, ids)
	for _, p := range posts {
		p.AgentId = owners[p.GetAccountId()].AgentID
	}
	for _, e := range effects {
		e.AgentId, e.Platform = owners[e.GetAccountId()].AgentID, owners[e.GetAccountId()].Platform
	}
	return err
}

// grantOf is the grant a post was published with: the redeemed one. Its signature stays inside.
func grantOf(effect store.Effect, grants []store.Grant) *platformv1.PostGrant {
	for _, g := range slices.Backward(grants) {
		if g.RedeemedAt == nil {
			continue
		}
		var signed busv1.SignedGrant
		_ = proto.Unmarshal(g.Signed, &signed) // one that cannot be read has no key to name; the rest is the row's
		return &platformv1.PostGrant{
			Id: g.ID, KeyId: signed.GetKeyId(), PayloadSha256: g.PayloadSHA256, SignedAt: stamp(g.CreatedAt), ValidFrom: stamp(g.NotBefore), ExpiresAt: stamp(g.NotAfter),
			RedeemedAt: stampIf(g.RedeemedAt), ApprovedBy: effect.ApprovedBy,
		}
	}
	return nil
}

func (s posts) ResolveEffect(ctx context.Context, req *platformv1.ResolveEffectRequest) (*platformv1.ResolveEffectResponse, error) {
	row, err := s.Commit.ResolveEffect(ctx, scope(ctx), req.GetEffectId(), req.GetStateVersion(), req.GetPublished(), req.GetUrl(), req.GetRationale())
	if err != nil {
		return nil, err
	}
	return &platformv1.ResolveEffectResponse{Effect: effectOf(row)}, nil
}
