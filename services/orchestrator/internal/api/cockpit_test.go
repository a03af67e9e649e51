package api_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/store"
)

// item opens a review of its own on a task of its own.
func item(t *testing.T, b *apitest.Bench, tenant apitest.Tenant, change func(r *store.Review)) string {
	t.Helper()
	r := store.Review{
		ID: apitest.NewID(), ResultID: tenant.Result, CampaignID: tenant.Campaign, AgentID: tenant.Agent, AccountID: &tenant.Account, Platform: "bluesky",
		Risk: 1, Reason: "r", Payload: []byte(`{"text":"t"}`), Excerpt: "about coffee", Deadline: time.Now().Add(12 * time.Hour), TaskID: apitest.NewID(),
	}
	change(&r)
	b.Write(tenant, func(ctx context.Context, tx *store.Tx) error {
		k := store.Task{
			ID: r.TaskID, CampaignID: tenant.Campaign, AgentID: tenant.Agent, PlanVersion: 1, PersonaVersion: 1, Node: "publish", Kind: "effect", Mode: "propose", Tool: "publisher.publish",
			State: "awaiting_review", SpecDigest: "x", MaxAttempts: 3, TimeoutMS: 1000, NotBefore: tx.Now(), Arguments: []byte("{}"),
		}
		if err := tx.TaskInsert(ctx, k, nil); err != nil {
			return err
		}
		return tx.ReviewInsert(ctx, r)
	})
	return r.ID
}

// TestQueueIsAskedInManyWays (F-31, R10.2): order by risk and deadline together, filters, words, counts, pages.
func TestQueueIsAskedInManyWays(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	reviewer := b.Member(tenant, "reviewer")
	soon := item(t, b, tenant, func(r *store.Review) { r.Deadline = time.Now().Add(10 * time.Minute) })
	grave := item(t, b, tenant, func(r *store.Review) {
		r.Risk, r.Deadline, r.Excerpt, r.Sensitive = 3, time.Now().Add(9*time.Hour), "100% of an election", true
	})
	distant := item(t, b, tenant, func(r *store.Review) { r.Risk, r.Deadline, r.Platform = 3, time.Now().Add(200*time.Hour), "mastodon" })
	list := func(req *pb.ListReviewsRequest) ([]string, *pb.ListReviewsResponse) {
		resp := ask(t, b, reviewer, "ReviewService.ListReviews", req, &pb.ListReviewsResponse{})
		var ids []string
		for _, r := range resp.GetReviews() {
			ids = append(ids, r.GetId())
		}
		return ids, resp
	}
	ids, resp := list(&pb.ListReviewsRequest{})
	// The seeded one is medium and due in an hour: as if in -3 h; the grave one 9 h - 8 h, the distant one far away.
	require.Equal(t, []string{tenant.Review, soon, grave, distant}, ids)
	require.EqualValues(t, 4, resp.GetMatchingCount())
	require.Equal(t, map[string]int32{"low": 1, "medium": 1, "high": 2}, resp.GetCountsByRisk())
	require.Equal(t, map[string]int32{"bluesky": 3, "mastodon": 1}, resp.GetCountsByPlatform())
	require.EqualValues(t, 2, resp.GetExpiringCount(), "in the next hour")
	require.Equal(t, "Same Agent", resp.GetReviews()[0].GetAgentName())
	require.Equal(t, "same.example", resp.GetReviews()[0].GetAccountHandle())
	require.True(t, resp.GetReviews()[2].GetSensitive())
	_, err := b.Commit.ClaimReview(t.Context(), tenant.Scope(), soon, 1)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		req  *pb.ListReviewsRequest
		want []string
	}{
		"risk":      {&pb.ListReviewsRequest{Risk: pb.ReviewRisk_REVIEW_RISK_HIGH}, []string{grave, distant}},
		"platform":  {&pb.ListReviewsRequest{Platform: "mastodon"}, []string{distant}},
		"newest":    {&pb.ListReviewsRequest{Order: pb.ReviewOrder_REVIEW_ORDER_NEWEST, PageSize: 2}, []string{distant, grave}},
		"expiring":  {&pb.ListReviewsRequest{ExpiringWithinSeconds: 1200}, []string{soon}},
		"excerpt":   {&pb.ListReviewsRequest{Query: "ELECTION"}, []string{grave}},
		"handle":    {&pb.ListReviewsRequest{Query: "same.ex", Risk: pb.ReviewRisk_REVIEW_RISK_LOW}, []string{soon}},
		"campaign":  {&pb.ListReviewsRequest{Query: "same camp", Platform: "mastodon"}, []string{distant}},
		"percent":   {&pb.ListReviewsRequest{Query: "100%"}, []string{grave}},
		"wildcard":  {&pb.ListReviewsRequest{Query: "%_%"}, nil},
		"backslash": {&pb.ListReviewsRequest{Query: `\`}, nil},
		"injection": {&pb.ListReviewsRequest{Query: `') or true --`}, nil},
		"unheld":    {&pb.ListReviewsRequest{Holder: pb.ReviewHolder_REVIEW_HOLDER_NOBODY}, []string{tenant.Review, grave, distant}},
		"mine":      {&pb.ListReviewsRequest{Holder: pb.ReviewHolder_REVIEW_HOLDER_ME}, nil},
		"closed":    {&pb.ListReviewsRequest{State: pb.ReviewState_REVIEW_STATE_APPROVED, Query: "coffee"}, nil},
	} {
		ids, resp := list(c.req)
		require.Equal(t, c.want, ids, name)
		if c.req.GetPageSize() == 0 {
			require.EqualValues(t, len(c.want), resp.GetMatchingCount(), name)
		}
	}
	var paged []string
	req := &pb.ListReviewsRequest{PageSize: 1}
	for range 4 {
		ids, resp := list(req)
		paged, req.PageToken = append(paged, ids...), resp.GetNextPageToken()
	}
	require.Equal(t, []string{tenant.Review, soon, grave, distant}, paged)
	require.Empty(t, req.GetPageToken())

	until := timestamppb.New(time.Now().Add(time.Hour))
	snoozed := ask(t, b, reviewer, "ReviewService.SnoozeReview", &pb.SnoozeReviewRequest{ReviewId: grave, StateVersion: 1, Until: until}, &pb.SnoozeReviewResponse{}).GetReview()
	require.NotNil(t, snoozed.GetSnoozedUntil())
	ids, resp = list(&pb.ListReviewsRequest{Risk: pb.ReviewRisk_REVIEW_RISK_HIGH})
	require.Equal(t, []string{distant}, ids)
	require.EqualValues(t, 1, resp.GetSnoozedCount())
	ids, _ = list(&pb.ListReviewsRequest{Risk: pb.ReviewRisk_REVIEW_RISK_HIGH, IncludeSnoozed: true})
	require.Equal(t, []string{grave, distant}, ids)
}

// TestPeopleHaveNames (F-32): as the identity provider names them, from their first sign-in on, in every answer.
func TestPeopleHaveNames(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	claims := b.Issuer.Claims(apitest.Subject("reviewer", "tenant-a"))
	claims["name"] = "Robin\n\u202e Reviewer "
	robin := b.As(b.Issuer.Token(claims), "")
	require.Equal(t, "Robin Reviewer", ask(t, b, robin, "SessionService.GetSession", &pb.GetSessionRequest{}, &pb.GetSessionResponse{}).GetName())
	before := head(t, b, tenant)
	require.Eventually(t, func() bool {
		members := ask(t, b, b.Member(tenant, "admin"), "MemberService.ListMembers", &pb.ListMembersRequest{}, &pb.ListMembersResponse{}).GetMembers()
		return members[2].GetName() == "Robin Reviewer"
	}, wait, tick)
	require.Equal(t, before, head(t, b, tenant), "a name is no change of who may do what")
	claimed := ask(t, b, robin, "ReviewService.ClaimReview", &pb.ClaimReviewRequest{ReviewId: tenant.Review, StateVersion: 1}, &pb.ClaimReviewResponse{}).GetReview()
	require.Equal(t, "Robin Reviewer", claimed.GetClaimedByName())
	entries := ask(t, b, robin, "AuditService.ListAuditEntries", &pb.ListAuditEntriesRequest{Action: "review."}, &pb.ListAuditEntriesResponse{}).GetEntries()
	require.Equal(t, "Robin Reviewer", entries[0].GetActorName())
	stops := ask(t, b, robin, "StopService.ListStops", &pb.ListStopsRequest{}, &pb.ListStopsResponse{}).GetStops()
	require.Equal(t, "same.example", stops[0].GetScopeName())
	require.Empty(t, stops[0].GetPressedByName(), "who never signed in has no name")
}

// TestFleetSaysHowItDoes (F-32, R12.5): summaries of the agents and the tenant's status agree with what lies there.
func TestFleetSaysHowItDoes(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	viewer := b.Member(tenant, "viewer")
	for i := range 3 {
		item(t, b, tenant, func(r *store.Review) { r.Excerpt = fmt.Sprint(i) })
	}
	agents := func(req *pb.ListAgentsRequest) []*pb.Agent {
		return ask(t, b, viewer, "AgentService.ListAgents", req, &pb.ListAgentsResponse{}).GetAgents()
	}
	a := agents(&pb.ListAgentsRequest{Attention: true})[0]
	require.Equal(t, tenant.Agent, a.GetId())
	s := a.GetSummary()
	require.EqualValues(t, 4, s.GetWaitingReviews())
	require.NotNil(t, s.GetWaitingOldestAt())
	require.Equal(t, tenant.Post, s.GetLastPostId())
	require.Equal(t, "same.example", s.GetAccounts()[0].GetHandle())
	require.EqualValues(t, 1, s.GetTasksDone())
	require.EqualValues(t, 5, s.GetTasksTotal(), "the plan's two and the items'")
	require.Len(t, agents(&pb.ListAgentsRequest{Query: "SAME.exa"}), 1)
	require.Empty(t, agents(&pb.ListAgentsRequest{Query: "nobody"}))

	status := ask(t, b, viewer, "SystemService.GetSystemStatus", &pb.GetSystemStatusRequest{}, &pb.GetSystemStatusResponse{})
	require.EqualValues(t, 4, status.GetOpenReviews())
	require.EqualValues(t, 1, status.GetExpiringReviews())
	require.EqualValues(t, 1, status.GetVerdicts_24H().GetEscalated())
	require.EqualValues(t, 100, status.GetHeadroom()[0].GetLimit(), "the platform's own")
	require.EqualValues(t, 0, status.GetHeadroom()[0].GetUsed(), "prepared is not out")
	require.NotNil(t, status.GetOldestReviewAt())

	c := ask(t, b, viewer, "CampaignService.ListCampaigns", &pb.ListCampaignsRequest{Query: "COFFEE", States: []pb.CampaignState{pb.CampaignState_CAMPAIGN_STATE_PAUSED}}, &pb.ListCampaignsResponse{}).GetCampaigns()
	require.Len(t, c, 1)
	require.EqualValues(t, 5, c[0].GetCounts().GetTotal())
	require.EqualValues(t, 4, c[0].GetCounts().GetWaitingHuman())
	require.Equal(t, "Same Agent", c[0].GetAgentName())
	require.Empty(t, ask(t, b, viewer, "CampaignService.ListCampaigns", &pb.ListCampaignsRequest{States: []pb.CampaignState{pb.CampaignState_CAMPAIGN_STATE_RUNNING}}, &pb.ListCampaignsResponse{}).GetCampaigns())
}

// TestPostCarriesItsEvidence (F-35, R10.6): hops lead to their tasks, results and verdicts.
func TestPostCarriesItsEvidence(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	resp := ask(t, b, b.Member(tenant, "viewer"), "PostService.GetPost", &pb.GetPostRequest{PostId: tenant.Post}, &pb.GetPostResponse{})
	require.Equal(t, "Same Agent", resp.GetPost().GetAgentName())
	require.Equal(t, "Same Campaign", resp.GetEffect().GetCampaignName())
	require.Nil(t, resp.GetGrant(), "the seeded grant was never redeemed")
	stages := map[string]*pb.TimelineEntry{}
	for _, e := range resp.GetTimeline() {
		stages[e.GetStage()] = e
	}
	require.Equal(t, tenant.Result, stages["result"].GetResultId())
	require.Equal(t, tenant.Publish, stages["verdict"].GetTaskId())
	require.Equal(t, "publish with publisher.publish", stages["task"].GetSummary(), "no ids in sentences")
	require.NotEmpty(t, stages["verdict"].GetVerdictId())
	require.Equal(t, tenant.Review, stages["review"].GetReviewId())
	require.EqualValues(t, 1, stages["plan"].GetPlanVersion())
	require.EqualValues(t, 1, stages["task"].GetPlanVersion())
}

// TestReviewerSeesWhatWasLastReviewed (F-31, R10.4): the words that a person last had before them at this step, not
// those of another step, and none at the first time.
func TestReviewerSeesWhatWasLastReviewed(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	reviewer := b.Member(tenant, "reviewer")
	get := func(id string) *pb.Review {
		return ask(t, b, reviewer, "ReviewService.GetReview", &pb.GetReviewRequest{ReviewId: id}, &pb.GetReviewResponse{}).GetReview()
	}
	first := get(tenant.Review)
	require.Empty(t, first.GetLastReviewedText())
	require.Equal(t, "publish", first.GetNode())
	person := "reviewer"
	b.Write(tenant, func(ctx context.Context, tx *store.Tx) error {
		return tx.ReviewClose(ctx, tenant.Review, 1, "changes_requested", &person, "shorter")
	})
	next := item(t, b, tenant, func(r *store.Review) { r.Payload = []byte(`{"text":"a shorter text"}`) })
	require.Equal(t, "same text", get(next).GetLastReviewedText())
	require.Empty(t, get(tenant.Review).GetLastReviewedText(), "what came later was not before it")
}
