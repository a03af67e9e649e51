package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

// history collects a post's way from goal to metrics (R10.6), each hop with its own row's time.
type history []*platformv1.TimelineEntry

func (h *history) add(at time.Time, stage, object, actor, summary string, args ...any) {
	*h = append(*h, &platformv1.TimelineEntry{At: stamp(at), Stage: stage, ObjectId: object, Actor: actor, Summary: fmt.Sprintf(summary, args...)})
}

func (h *history) addIf(at *time.Time, stage, object, actor, summary string, args ...any) {
	if at != nil {
		h.add(*at, stage, object, actor, summary, args...)
	}
}

// timeline reads everything in the caller's one transaction, so that no two hops contradict each other.
func timeline(ctx context.Context, tx *store.Tx, post store.Post, effect store.Effect) ([]*platformv1.TimelineEntry, error) {
	var h history
	for _, stage := range []func(context.Context, *store.Tx, store.Post, *history) error{planned, worked} {
		if err := stage(ctx, tx, post, &h); err != nil {
			return nil, err
		}
	}
	grants, err := tx.GrantList(ctx, effect.ID)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		h.add(g.CreatedAt, "grant", g.ID, effect.ApprovedBy, "granted for payload %.12s, valid until %s", g.PayloadSHA256, g.NotAfter.UTC().Format(time.RFC3339))
		h.addIf(g.RedeemedAt, "grant", g.ID, "", "redeemed, once")
	}
	h.add(effect.PreparedAt, "effect", effect.ID, effect.ApprovedBy, "prepared with platform key %s", effect.PlatformKey)
	h.addIf(effect.SendingAt, "effect", effect.ID, "", "sent with %s", effect.Tool)
	h.addIf(effect.SettledAt, "effect", effect.ID, "", "%s: %s", effect.State, effect.URL)
	shown := "what was approved"
	if post.ReadBackMatches != nil && !*post.ReadBackMatches {
		shown = "something else than what was approved"
	}
	h.addIf(post.ReadBackAt, "readback", post.ID, "", "%s shows %s", post.Platform, shown)
	h.addIf(post.MetricsAt, "metrics", post.ID, "", "%d likes, %d reposts, %d replies", post.Likes, post.Reposts, post.Replies)
	slices.SortStableFunc(h, func(a, b *platformv1.TimelineEntry) int { return a.GetAt().AsTime().Compare(b.GetAt().AsTime()) })
	return h, nil
}

func planned(ctx context.Context, tx *store.Tx, post store.Post, h *history) error {
	campaign, err := tx.CampaignGet(ctx, post.CampaignID)
	if err != nil {
		return err
	}
	h.add(campaign.CreatedAt, "goal", campaign.ID, "", "%s", campaign.Goal)
	task, err := tx.TaskGet(ctx, post.TaskID)
	if err != nil {
		return err
	}
	plans, err := tx.PlanList(ctx, campaign.ID, task.PlanVersion+1, 200)
	for _, p := range plans {
		h.add(p.CreatedAt, "plan", campaign.ID, p.CreatedBy, "version %d: %s", p.Version, p.Cause)
	}
	return err
}

func worked(ctx context.Context, tx *store.Tx, post store.Post, h *history) error {
	tasks, err := tx.TaskLineage(ctx, post.TaskID)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(tasks))
	nodes := map[string]string{}
	for _, t := range tasks {
		ids = append(ids, t.ID)
		nodes[t.ID] = t.Node
		h.add(t.CreatedAt, "task", t.ID, "", "%s with %s", t.Node, t.Tool)
	}
	results, err := tx.ResultsOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range results {
		body, err := resultBody(r)
		if err != nil {
			return err
		}
		h.add(r.CreatedAt, "result", r.ID, body.GetWorkerId(), "%s, attempt %d: %s by %s, confidence %.2f", nodes[r.TaskID], body.GetAttempt(),
			wordOf(body.GetStatus(), "RESULT_STATUS_"), body.GetProvenance().GetMethod(), body.GetConfidence().GetScore())
	}
	decisions, err := tx.DecisionsOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		body, err := decisionBody(d)
		if err != nil {
			return err
		}
		h.add(d.CreatedAt, "verdict", d.ID, d.DecidedBy, "%s: %s: %s", nodes[d.TaskID], d.Verdict, body.GetRationale())
	}
	reviews, err := tx.ReviewsOf(ctx, ids)
	for _, r := range reviews {
		h.add(r.CreatedAt, "review", r.ID, "", "asked for: %s", r.Reason)
		h.addIf(r.DecidedAt, "review", r.ID, textIf(r.DecidedBy), "%s %s", r.State, r.Rationale)
	}
	return err
}
