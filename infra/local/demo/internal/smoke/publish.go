package smoke

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
)

// pollEvery is how often the API is asked; quiet, how often a person is told that nothing has changed.
const (
	pollEvery = 300 * time.Millisecond
	quiet     = 5 * time.Second
)

// untilPublished approves what the campaign proposes and waits until every account has a post that is confirmed,
// read back and counted. Every wait is bounded by ctx, and a step that ended badly ends it at once.
func (r *run) untilPublished(ctx context.Context, campaign *platformv1.Campaign, plan *platformv1.GetPlanResponse) ([]*platformv1.GetPostResponse, error) {
	last, told := "", time.Now()
	for {
		progress, err := r.look(ctx, campaign, plan)
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if err == nil && progress.complete {
			return progress.posts, nil
		}
		if line := progress.line; line != "" && (line != last || time.Since(told) > quiet) {
			r.Say(line)
			last, told = line, time.Now()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("not published, read back and counted within %s; it stood at: %s", jobWait, last)
		case <-time.After(pollEvery):
		}
	}
}

type progress struct {
	line     string
	posts    []*platformv1.GetPostResponse
	complete bool
}

// look does what is to do now and tells how far the campaign is.
func (r *run) look(ctx context.Context, campaign *platformv1.Campaign, plan *platformv1.GetPlanResponse) (progress, error) {
	var p progress
	if err := r.approve(ctx, campaign); err != nil {
		return p, err
	}
	states, err := r.tasks(ctx, campaign)
	if err != nil {
		return p, err
	}
	list, err := r.operator.posts.ListPosts(ctx, &platformv1.ListPostsRequest{CampaignId: campaign.GetId(), PageSize: 50})
	if err != nil {
		return p, fmt.Errorf("the posts cannot be listed: %w", err)
	}
	done := 0
	for _, post := range list.GetPosts() {
		// Earlier runs of the campaign have posts too.
		if !ours(post, plan) {
			continue
		}
		full, err := r.operator.posts.GetPost(ctx, &platformv1.GetPostRequest{PostId: post.GetId()})
		if err != nil {
			return p, fmt.Errorf("post %s cannot be read: %w", post.GetId(), err)
		}
		p.posts = append(p.posts, full)
		if full.GetPost().GetReadBackAt() != nil && (full.GetPost().GetMetrics() != nil || !r.Target.Counts) {
			done++
		}
	}
	p.complete = done == len(campaign.GetAccountIds())
	p.line = fmt.Sprintf("published %d of %d, read back and counted %d; tasks: %s", len(p.posts), len(campaign.GetAccountIds()), done, states)
	return p, nil
}

func ours(post *platformv1.Post, plan *platformv1.GetPlanResponse) bool {
	// A Bluesky post's time is its key's, which is minted after the plan was written.
	return post.GetPublishedAt().AsTime().After(plan.GetPlan().GetCreatedAt().AsTime())
}

var endedBadly = []platformv1.TaskState{
	platformv1.TaskState_TASK_STATE_FAILED, platformv1.TaskState_TASK_STATE_REJECTED,
	platformv1.TaskState_TASK_STATE_EXPIRED, platformv1.TaskState_TASK_STATE_CANCELLED,
}

// tasks names the tasks of the current plan that run, and fails on one that ended badly.
func (r *run) tasks(ctx context.Context, campaign *platformv1.Campaign) (string, error) {
	plan, err := r.operator.plans.GetPlan(ctx, &platformv1.GetPlanRequest{CampaignId: campaign.GetId()})
	if err != nil {
		return "", fmt.Errorf("the plan cannot be read: %w", err)
	}
	var open []string
	for _, node := range plan.GetNodes() {
		task := node.GetTask()
		state := strings.ToLower(strings.TrimPrefix(task.GetState().String(), "TASK_STATE_"))
		switch {
		case state == "succeeded" || state == "blocked":
			continue
		case slices.Contains(endedBadly, task.GetState()):
			if task.GetTool() == "analytics.collect" && !r.Target.Counts {
				continue
			}
			return "", fmt.Errorf("step %s of the plan is %s: %s (request %s)", r.named(node.GetKey()), state, task.GetError().GetMessage(), task.GetRequestId())
		}
		open = append(open, r.named(node.GetKey())+" "+state)
	}
	if len(open) == 0 {
		return "none open", nil
	}
	return strings.Join(open, ", "), nil
}

// approve approves every open review of the campaign, with the hash of the bytes the reviewer was shown.
func (r *run) approve(ctx context.Context, campaign *platformv1.Campaign) error {
	open, err := r.reviewer.reviews.ListReviews(ctx, &platformv1.ListReviewsRequest{CampaignId: campaign.GetId(), State: platformv1.ReviewState_REVIEW_STATE_OPEN})
	if err != nil {
		return fmt.Errorf("the review queue cannot be read: %w", err)
	}
	for _, item := range open.GetReviews() {
		shown, err := r.reviewer.reviews.GetReview(ctx, &platformv1.GetReviewRequest{ReviewId: item.GetId()})
		if err != nil {
			return fmt.Errorf("review %s cannot be read: %w", item.GetId(), err)
		}
		review := shown.GetReview()
		if review.GetState() != platformv1.ReviewState_REVIEW_STATE_OPEN {
			continue
		}
		_, err = r.reviewer.reviews.ApproveReview(ctx, &platformv1.ApproveReviewRequest{
			ReviewId: review.GetId(), StateVersion: review.GetStateVersion(),
			PayloadSha256: review.GetPayloadSha256(), Rationale: "smoke: read and approved as proposed", IdempotencyKey: "smoke-" + review.GetId(),
		})
		if err != nil && !changed(err) {
			return fmt.Errorf("the review for %s cannot be approved: %w", review.GetPlatform(), err)
		}
		if err == nil {
			r.Say(fmt.Sprintf("approved for %s (%s; confidence %.2f): %q", review.GetPlatform(), short(review.GetReason()), review.GetConfidence(), review.GetExcerpt()))
		}
	}
	return nil
}
