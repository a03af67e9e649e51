package api

import (
	"cmp"
	"context"
	"slices"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/platforms"
	"chimera/services/orchestrator/internal/store"
)

const (
	publishTool   = "publisher.publish"
	limitWindow   = 24 * 60 * 60 // seconds: the window of the platforms' posts per day
	shownHeadroom = 50
)

// fillDay adds what needs a person and how the last day and month went.
func fillDay(ctx context.Context, tx *store.Tx, resp *platformv1.GetSystemStatusResponse) error {
	near, err := tx.NearBudget(ctx)
	if err != nil {
		return err
	}
	resp.CampaignsNearBudget = all(near, func(b store.BudgetUse) *platformv1.BudgetAlert {
		return &platformv1.BudgetAlert{Id: b.ID, Name: b.Name, SpentMicros: b.SpentMicros, BudgetMicros: b.BudgetMicros}
	})
	dead, err := tx.DeadAccounts(ctx)
	if err != nil {
		return err
	}
	resp.DeadAccounts = int32(dead)
	effects, err := tx.EffectsLastDay(ctx)
	if err != nil {
		return err
	}
	resp.Outcomes_24H = &platformv1.Outcomes{Done: effects.Done, NotDone: effects.NotDone, Unknown: effects.Unknown}
	verdicts, err := tx.JudgeLastDay(ctx)
	if err != nil {
		return err
	}
	resp.Verdicts_24H = &platformv1.Verdicts{Passed: verdicts["approved"], Rejected: verdicts["rejected"], Escalated: verdicts["requires_human_review"]}
	spent, err := tx.SpendingLastMonth(ctx)
	if err != nil {
		return err
	}
	resp.Spend = &platformv1.Spend{SpentMicros_30D: spent.SpentMicros, BudgetMicros_30D: spent.BudgetMicros}
	resp.Headroom, err = headroom(ctx, tx)
	return err
}

// headroom is what the Judge's rate check would leave each account: the policy may lower the platform's own rule.
func headroom(ctx context.Context, tx *store.Tx) ([]*platformv1.Headroom, error) {
	row, err := tx.PolicyCurrent(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(row)
	if err != nil {
		return nil, err
	}
	uses, err := tx.AccountUses(ctx, publishTool)
	if err != nil {
		return nil, err
	}
	var list []*platformv1.Headroom
	for _, u := range uses {
		rules, known := platforms.Get(u.Platform)
		if !known {
			continue
		}
		limit := int32(rules.PostsPerDay)
		if own := policy.GetMaxPostsPerDay(); own > 0 {
			limit = min(limit, own)
		}
		list = append(list, &platformv1.Headroom{AccountId: u.ID, Handle: u.Handle, Platform: u.Platform, Used: u.Used, Limit: limit, WindowSeconds: limitWindow})
	}
	slices.SortStableFunc(list, func(a, b *platformv1.Headroom) int {
		return cmp.Compare(int64(b.GetUsed())*int64(a.GetLimit()), int64(a.GetUsed())*int64(b.GetLimit()))
	})
	return list[:min(len(list), shownHeadroom)], nil
}

// fillReviews counts the queue of people, as ListReviews does.
func fillReviews(ctx context.Context, tx *store.Tx, resp *platformv1.GetSystemStatusResponse) error {
	counts, err := tx.OpenReviewCounts(ctx)
	for _, c := range counts {
		resp.OpenReviews += c.N
		resp.ExpiringReviews += c.Expiring
		if at := resp.GetOldestReviewAt(); at == nil || c.Oldest.Before(at.AsTime()) {
			resp.OldestReviewAt = stamp(c.Oldest)
		}
	}
	return err
}
