package api_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// ask calls "Service.Method" and wants success.
func ask[M proto.Message](t *testing.T, b *apitest.Bench, client *http.Client, name string, req proto.Message, into M) M {
	t.Helper()
	a := b.Call(client, method(t, name), req, "")
	require.Equal(t, http.StatusOK, a.Status, "%s: %s", name, a.Body)
	require.NoError(t, protojson.Unmarshal(a.Body, into))
	return into
}

// TestFromAgentToPlan goes the way of an operator's first campaign.
func TestFromAgentToPlan(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	admin := b.Member(tenant, "admin")
	persona := &pb.Persona{Voice: "dry", Language: "en", Topics: []string{"coffee"}}
	agent := ask(t, b, admin, "AgentService.CreateAgent", &pb.CreateAgentRequest{Name: "Bean", Persona: persona}, &pb.CreateAgentResponse{}).GetAgent()
	require.True(t, proto.Equal(persona, agent.GetPersona()))
	account := ask(t, b, admin, "AccountService.ConnectAccount", &pb.ConnectAccountRequest{AgentId: agent.GetId(), Platform: "mastodon", Handle: "bean", BaseUrl: "https://social.example", Secret: "app-password-of-bean"}, &pb.ConnectAccountResponse{}).GetAccount()
	require.Equal(t, pb.AccountHealth_ACCOUNT_HEALTH_OK, account.GetHealth())
	require.NotContains(t, b.Log.String(), "app-password-of-bean")
	book := ask(t, b, admin, "CampaignService.ListPlaybooks", &pb.ListPlaybooksRequest{}, &pb.ListPlaybooksResponse{}).GetPlaybooks()[0]
	created := ask(t, b, admin, "CampaignService.CreateCampaign", &pb.CreateCampaignRequest{
		AgentId: agent.GetId(), AccountIds: []string{account.GetId()}, Name: "Morning", Goal: "tell of coffee",
		Playbook: book.GetName(), Parameters: &pb.CampaignParameters{Keywords: []string{"coffee"}},
	}, &pb.CreateCampaignResponse{}).GetCampaign()
	require.Equal(t, pb.CampaignState_CAMPAIGN_STATE_DRAFT, created.GetState())
	require.Equal(t, []string{account.GetId()}, created.GetAccountIds())
	early := b.Call(admin, method(t, "PlanService.GetPlan"), &pb.GetPlanRequest{CampaignId: created.GetId()}, "")
	require.Equal(t, "failed_precondition", early.Code)

	started := ask(t, b, admin, "CampaignService.StartCampaign", &pb.StartCampaignRequest{CampaignId: created.GetId(), StateVersion: created.GetStateVersion()}, &pb.StartCampaignResponse{}).GetCampaign()
	require.Equal(t, pb.CampaignState_CAMPAIGN_STATE_RUNNING, started.GetState())
	plan := ask(t, b, admin, "PlanService.GetPlan", &pb.GetPlanRequest{CampaignId: created.GetId()}, &pb.GetPlanResponse{})
	require.EqualValues(t, 1, plan.GetPlan().GetVersion())
	require.NotEmpty(t, plan.GetNodes())
	total := int32(0)
	for _, n := range started.GetProgress() {
		total += n
	}
	require.EqualValues(t, len(plan.GetNodes()), total)
	for _, n := range plan.GetNodes() {
		require.Equal(t, n.GetKey(), n.GetTask().GetNode())
		require.NotEqual(t, pb.TaskState_TASK_STATE_UNSPECIFIED, n.GetTask().GetState())
	}
	stale := b.Call(admin, method(t, "CampaignService.PauseCampaign"), &pb.PauseCampaignRequest{CampaignId: created.GetId(), StateVersion: created.GetStateVersion()}, "")
	require.Equal(t, "aborted", stale.Code)
	require.Equal(t, typev1.Reason_REASON_STALE_VERSION, stale.Info.GetReason())
	listed := ask(t, b, admin, "CampaignService.ListCampaigns", &pb.ListCampaignsRequest{State: pb.CampaignState_CAMPAIGN_STATE_RUNNING}, &pb.ListCampaignsResponse{}).GetCampaigns()
	require.Len(t, listed, 1)
	require.Equal(t, []string{account.GetId()}, listed[0].GetAccountIds())
	twin := b.Call(admin, method(t, "AccountService.ConnectAccount"), &pb.ConnectAccountRequest{AgentId: agent.GetId(), Platform: "mastodon", Handle: "bean", BaseUrl: "https://social.example", Secret: "s"}, "")
	require.Equal(t, "already_exists", twin.Code)
	require.NotContains(t, string(twin.Body), "accounts_unique", "a constraint's name is ours")
}

// TestTimeline: R10.6: every hop from goal to metrics with its time, in order.
func TestTimeline(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	b.Write(tenant, func(ctx context.Context, tx *store.Tx) error {
		who := "reviewer"
		if err := tx.ReviewClose(ctx, tenant.Review, 1, "approved", &who, "fine"); err != nil {
			return err
		}
		if err := tx.GrantRedeem(ctx, tenant.Grant); err != nil {
			return err
		}
		if _, err := tx.EffectSending(ctx, tenant.Effect, 1, time.Second); err != nil {
			return err
		}
		if err := tx.EffectSettle(ctx, tenant.Effect, 2, "confirmed", store.EffectReceipt{URL: "https://same.example/post"}); err != nil {
			return err
		}
		if err := tx.PostReadBack(ctx, tenant.Post, true); err != nil {
			return err
		}
		return tx.PostMetrics(ctx, tenant.Post, 3, 2, 1)
	})
	got := ask(t, b, b.Member(tenant, "viewer"), "PostService.GetPost", &pb.GetPostRequest{PostId: tenant.Post}, &pb.GetPostResponse{})
	stages := map[string]int{}
	for i, e := range got.GetTimeline() {
		stages[e.GetStage()]++
		require.NotNil(t, e.GetAt())
		if i > 0 {
			require.False(t, e.GetAt().AsTime().Before(got.GetTimeline()[i-1].GetAt().AsTime()))
		}
	}
	require.Equal(t, map[string]int{"goal": 1, "plan": 1, "task": 2, "result": 1, "verdict": 1, "review": 2, "grant": 2, "effect": 3, "readback": 1, "metrics": 1}, stages)
	require.Equal(t, "goal", got.GetTimeline()[0].GetStage())
	require.Equal(t, pb.EffectState_EFFECT_STATE_CONFIRMED, got.GetEffect().GetState())
	require.EqualValues(t, 3, got.GetPost().GetMetrics().GetLikes())
	require.True(t, got.GetPost().GetReadBackMatches())
}

func TestReviewShowsItsEvidence(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	got := ask(t, b, b.Member(tenant, "viewer"), "ReviewService.GetReview", &pb.GetReviewRequest{ReviewId: tenant.Review}, &pb.GetReviewResponse{})
	require.JSONEq(t, `{"text":"same text"}`, got.GetReview().GetPayloadJson())
	require.JSONEq(t, `{"payload":{"text":"same text"}}`, got.GetProposalJson())
	require.Equal(t, "confidence", got.GetReview().GetChecks()[0].GetName())
	require.Equal(t, "https://trend.example", got.GetSources()[0].GetUrl())
	require.Equal(t, pb.ReviewRisk_REVIEW_RISK_MEDIUM, got.GetReview().GetRisk())
	claimed := ask(t, b, b.Member(tenant, "reviewer"), "ReviewService.ClaimReview", &pb.ClaimReviewRequest{ReviewId: tenant.Review, StateVersion: 1}, &pb.ClaimReviewResponse{}).GetReview()
	require.Equal(t, apitest.Subject("reviewer", "tenant-a"), claimed.GetClaimedBy())
	require.Len(t, claimed.GetChecks(), 1)
	task := ask(t, b, b.Member(tenant, "viewer"), "PlanService.GetTask", &pb.GetTaskRequest{TaskId: tenant.Publish}, &pb.GetTaskResponse{})
	require.Equal(t, "template/v1", task.GetAttempts()[0].GetMethod())
	require.Equal(t, "confidence is below the threshold", task.GetVerdicts()[0].GetRationale())
}

// TestReplayAtMostOnce: R12.3: however often it is asked for.
func TestReplayAtMostOnce(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	operator := b.Member(tenant, "operator")
	got := ask(t, b, operator, "DeadLetterService.GetDeadLetter", &pb.GetDeadLetterRequest{LetterId: tenant.Letter}, &pb.GetDeadLetterResponse{})
	require.Empty(t, got.GetContentJson(), "it does not decode")
	require.Equal(t, []byte("\xff\xfe"), got.GetRaw())
	require.Equal(t, map[string]string{"attempt": "1"}, got.GetMetadata())
	var wg sync.WaitGroup
	codes := make(chan string, 8)
	for range 8 {
		wg.Go(func() {
			a := b.Call(operator, method(t, "DeadLetterService.ReplayDeadLetter"), &pb.ReplayDeadLetterRequest{LetterId: tenant.Letter, StateVersion: 1, Reason: "fixed"}, "")
			codes <- a.Code
		})
	}
	wg.Wait()
	close(codes)
	count := map[string]int{}
	for code := range codes {
		count[code]++
	}
	require.Equal(t, map[string]int{"": 1, "aborted": 7}, count)
	require.Len(t, b.Replayed(), 1)
	require.Equal(t, tenant.Letter, b.Replayed()[0].ID)
}

func TestIdempotencyKeys(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	operator := b.Member(tenant, "operator")
	req := &pb.CreateAgentRequest{Name: "Once", Persona: &pb.Persona{Voice: "v", Language: "en"}, IdempotencyKey: "key-1"}
	first := ask(t, b, operator, "AgentService.CreateAgent", req, &pb.CreateAgentResponse{})
	require.True(t, proto.Equal(first, ask(t, b, operator, "AgentService.CreateAgent", req, &pb.CreateAgentResponse{})))
	req.Name = "Another"
	a := b.Call(operator, method(t, "AgentService.CreateAgent"), req, "")
	require.Equal(t, "already_exists", a.Code)
	require.Equal(t, typev1.Reason_REASON_IDEMPOTENCY_KEY_REUSED, a.Info.GetReason())
}

// TestPages: keyset pages miss nothing, repeat nothing and end; 0 means 50.
func TestPages(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	admin := b.Member(tenant, "admin")
	for range 54 {
		_, err := b.Commit.CreateAgent(t.Context(), tenant.Scope(), commit.Idempotency{}, "n", &pb.Persona{Voice: "v", Language: "en"})
		require.NoError(t, err)
	}
	one := ask(t, b, admin, "AgentService.ListAgents", &pb.ListAgentsRequest{}, &pb.ListAgentsResponse{})
	require.Len(t, one.GetAgents(), 50)
	two := ask(t, b, admin, "AgentService.ListAgents", &pb.ListAgentsRequest{PageToken: one.GetNextPageToken()}, &pb.ListAgentsResponse{})
	require.Len(t, two.GetAgents(), 5)
	require.Empty(t, two.GetNextPageToken())
	var ids []string
	for _, a := range append(one.GetAgents(), two.GetAgents()...) {
		ids = append(ids, a.GetId())
	}
	require.True(t, slices.IsSortedFunc(ids, func(a, b string) int { return -cmpText(a, b) }), "newest first")
	require.Len(t, slices.Compact(slices.Clone(ids)), 55)

	b.Write(tenant, func(ctx context.Context, tx *store.Tx) error {
		return tx.ReviewInsert(ctx, store.Review{ID: apitest.NewID(), TaskID: tenant.Draft, ResultID: tenant.Result, CampaignID: tenant.Campaign, AgentID: tenant.Agent, Risk: 3, Reason: "r", Payload: []byte("{}"), Deadline: tx.Now().Add(time.Hour)})
	})
	first := ask(t, b, admin, "ReviewService.ListReviews", &pb.ListReviewsRequest{PageSize: 1}, &pb.ListReviewsResponse{})
	second := ask(t, b, admin, "ReviewService.ListReviews", &pb.ListReviewsRequest{PageSize: 1, PageToken: first.GetNextPageToken()}, &pb.ListReviewsResponse{})
	require.Equal(t, pb.ReviewRisk_REVIEW_RISK_HIGH, first.GetReviews()[0].GetRisk(), "most urgent first")
	require.Equal(t, tenant.Review, second.GetReviews()[0].GetId())
	require.EqualValues(t, 2, second.GetOpenCount())
	require.Empty(t, second.GetNextPageToken())

	subjects, token := []string{}, ""
	for range 10 {
		p := ask(t, b, admin, "MemberService.ListMembers", &pb.ListMembersRequest{PageSize: 1, PageToken: token}, &pb.ListMembersResponse{})
		subjects = append(subjects, p.GetMembers()[0].GetSubject())
		if token = p.GetNextPageToken(); token == "" {
			break
		}
	}
	require.Equal(t, []string{"admin-at-tenant-a", "operator-at-tenant-a", "reviewer-at-tenant-a", "viewer-at-tenant-a"}, subjects)
	audit := ask(t, b, admin, "AuditService.ListAuditEntries", &pb.ListAuditEntriesRequest{PageSize: 2}, &pb.ListAuditEntriesResponse{})
	next := ask(t, b, admin, "AuditService.ListAuditEntries", &pb.ListAuditEntriesRequest{PageSize: 2, PageToken: audit.GetNextPageToken()}, &pb.ListAuditEntriesResponse{})
	require.Equal(t, audit.GetEntries()[1].GetSeq()-1, next.GetEntries()[0].GetSeq())
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestStatusAndAudit(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	viewer := b.Member(tenant, "viewer")
	s := ask(t, b, viewer, "SystemService.GetSystemStatus", &pb.GetSystemStatusRequest{}, &pb.GetSystemStatusResponse{})
	require.EqualValues(t, 1, s.GetOpenReviews())
	require.EqualValues(t, 1, s.GetOpenDeadLetters())
	require.Equal(t, []string{"postgres", "workers"}, []string{s.GetParts()[0].GetPart(), s.GetParts()[1].GetPart()})
	require.False(t, s.GetParts()[1].GetOk(), "no worker was ever seen")
	require.Equal(t, "awaiting_review", s.GetQueues()[0].GetState())
	v := ask(t, b, viewer, "AuditService.VerifyAuditChain", &pb.VerifyAuditChainRequest{}, &pb.VerifyAuditChainResponse{})
	require.True(t, v.GetIntact(), v.GetFinding())
	require.Equal(t, head(t, b, tenant), v.GetEntries())
}
