package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

// history collects a post's way from goal to metrics (R10.6), each hop with its own row's time.
type history []*platformv1.TimelineEntry

// hop adds one and answers it, for what it is about.
func (h *history) hop(at time.Time, stage, object, actor, summary string, args ...any) *platformv1.TimelineEntry {
	e := &platformv1.TimelineEntry{At: stamp(at), Stage: stage, ObjectId: object, Actor: actor, Summary: fmt.Sprintf(summary, args...)}
	*h = append(*h, e)
	return e
}

// hopIf adds none without a time, and answers one that goes nowhere.
func (h *history) hopIf(at *time.Time, stage, object, actor, summary string, args ...any) *platformv1.TimelineEntry {
	if at == nil {
		return &platformv1.TimelineEntry{}
	}
	return h.hop(*at, stage, object, actor, summary, args...)
}

// timeline reads everything in the caller's one transaction, so that no two hops contradict each other. cost is of
// all attempts.
func timeline(ctx context.Context, tx *store.Tx, post store.Post, effect store.Effect, grants []store.Grant) (h history, cost int64, err error) {
	if err := planned(ctx, tx, post, &h); err != nil {
		return nil, 0, err
	}
	if cost, err = worked(ctx, tx, post, &h); err != nil {
		return nil, 0, err
	}
	for _, g := range grants {
		h.hop(g.CreatedAt, "grant", g.ID, effect.ApprovedBy, "granted for payload %.12s, valid until %s", g.PayloadSHA256, g.NotAfter.UTC().Format(time.RFC3339)).TaskId = g.TaskID
		h.hopIf(g.RedeemedAt, "grant", g.ID, "", "redeemed, once").TaskId = g.TaskID
	}
	h.hop(effect.PreparedAt, "effect", effect.ID, effect.ApprovedBy, "prepared with platform key %s", effect.PlatformKey).TaskId = effect.TaskID
	h.hopIf(effect.SendingAt, "effect", effect.ID, "", "sent with %s", effect.Tool).TaskId = effect.TaskID
	h.hopIf(effect.SettledAt, "effect", effect.ID, "", "%s: %s", effect.State, effect.URL).TaskId = effect.TaskID
	shown := "what was approved"
	if post.ReadBackMatches != nil && !*post.ReadBackMatches {
		shown = "something else than what was approved"
	}
	h.hopIf(post.ReadBackAt, "readback", post.ID, "", "%s shows %s", post.Platform, shown)
	h.hopIf(post.MetricsAt, "metrics", post.ID, "", "%d likes, %d reposts, %d replies", post.Likes, post.Reposts, post.Replies)
	slices.SortStableFunc(h, func(a, b *platformv1.TimelineEntry) int { return a.GetAt().AsTime().Compare(b.GetAt().AsTime()) })
	return h, cost, nil
}

func planned(ctx context.Context, tx *store.Tx, post store.Post, h *history) error {
	campaign, err := tx.CampaignGet(ctx, post.CampaignID)
	if err != nil {
		return err
	}
	h.hop(campaign.CreatedAt, "goal", campaign.ID, "", "%s", campaign.Goal)
	task, err := tx.TaskGet(ctx, post.TaskID)
	if err != nil {
		return err
	}
	plans, err := tx.PlanList(ctx, campaign.ID, task.PlanVersion+1, 200)
	for _, p := range plans {
		h.hop(p.CreatedAt, "plan", campaign.ID, p.CreatedBy, "version %d: %s", p.Version, p.Cause).PlanVersion = p.Version
	}
	return err
}

// worked adds the tasks that the post was made by, with what they answered and what was decided over it.
func worked(ctx context.Context, tx *store.Tx, post store.Post, h *history) (cost int64, err error) {
	tasks, err := tx.TaskLineage(ctx, post.TaskID)
	if err != nil {
		return 0, err
	}
	ids := make([]string, 0, len(tasks))
	of := make(map[string]store.Task, len(tasks))
	for _, t := range tasks {
		ids = append(ids, t.ID)
		of[t.ID] = t
		about(h.hop(t.CreatedAt, "task", t.ID, "", "%s with %s", stepOf(t.Node), t.Tool), t)
	}
	results, err := tx.ResultsOf(ctx, ids)
	if err != nil {
		return 0, err
	}
	for _, r := range results {
		body, err := resultBody(r)
		if err != nil {
			return 0, err
		}
		cost += body.GetUsage().GetCostMicros()
		e := about(h.hop(r.CreatedAt, "result", r.ID, body.GetWorkerId(), "%s", resultSentence(stepOf(of[r.TaskID].Node), body)), of[r.TaskID])
		e.ResultId, e.RequestId, e.CostMicros = r.ID, body.GetRequestId(), body.GetUsage().GetCostMicros()
	}
	decisions, err := tx.DecisionsOf(ctx, ids)
	if err != nil {
		return 0, err
	}
	for _, d := range decisions {
		body, err := decisionBody(d)
		if err != nil {
			return 0, err
		}
		e := about(h.hop(d.CreatedAt, "verdict", d.ID, d.DecidedBy, "%s: %s: %s", stepOf(of[d.TaskID].Node), d.Verdict, body.GetRationale()), of[d.TaskID])
		e.VerdictId, e.ResultId, e.RequestId = d.ID, d.ResultID, body.GetRequestId()
	}
	reviews, err := tx.ReviewsOf(ctx, ids)
	for _, r := range reviews {
		e := about(h.hop(r.CreatedAt, "review", r.ID, "", "asked for: %s", r.Reason), of[r.TaskID])
		e.ReviewId, e.ResultId = r.ID, r.ResultID
		e = about(h.hopIf(r.DecidedAt, "review", r.ID, textIf(r.DecidedBy), "%s %s", r.State, r.Rationale), of[r.TaskID])
		e.ReviewId, e.ResultId = r.ID, r.ResultID
	}
	return cost, err
}

func about(e *platformv1.TimelineEntry, t store.Task) *platformv1.TimelineEntry {
	e.TaskId, e.Node, e.PlanVersion, e.RequestId = t.ID, t.Node, t.PlanVersion, t.RequestID
	return e
}

// stepOf is a node's name without its account's id: a post is of one account, which the answer names.
func stepOf(node string) string {
	step, _, _ := strings.Cut(node, ":")
	return step
}

func resultSentence(node string, body *busv1.Result) string {
	return fmt.Sprintf("%s, attempt %d: %s by %s, confidence %.2f", node, body.GetAttempt(), wordOf(body.GetStatus(), "RESULT_STATUS_"),
		body.GetProvenance().GetMethod(), body.GetConfidence().GetScore())
}
