package api_test

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/planner"
)

var unique atomic.Int64

// requests holds one valid request per RPC that names objects, over the tenant's own objects. A new RPC needs
// its line here, or TestIsolation fails.
func requests(t apitest.Tenant) map[string]proto.Message {
	n := strconv.FormatInt(unique.Add(1), 10)
	sum := strings.Repeat("ab", 32)
	persona := &pb.Persona{Voice: "calm", Language: "en"}
	return map[string]proto.Message{
		"AccountService.ConnectAccount":     &pb.ConnectAccountRequest{AgentId: t.Agent, Platform: "bluesky", Handle: "new" + n + ".example", BaseUrl: "https://pds.example", Secret: "s"},
		"AccountService.GetAccount":         &pb.GetAccountRequest{AccountId: t.Account},
		"AccountService.ListAccounts":       &pb.ListAccountsRequest{AgentId: t.Agent},
		"AccountService.ReplaceSecret":      &pb.ReplaceSecretRequest{AccountId: t.Account, StateVersion: 1, Secret: "s"},
		"AccountService.SetAccountDisabled": &pb.SetAccountDisabledRequest{AccountId: t.Account, StateVersion: 1, Disabled: true},

		"AgentService.CreateAgent":         &pb.CreateAgentRequest{Name: "new" + n, Persona: persona},
		"AgentService.GetAgent":            &pb.GetAgentRequest{AgentId: t.Agent},
		"AgentService.ListAgents":          &pb.ListAgentsRequest{},
		"AgentService.UpdatePersona":       &pb.UpdatePersonaRequest{AgentId: t.Agent, StateVersion: 1, Persona: persona},
		"AgentService.ListPersonaVersions": &pb.ListPersonaVersionsRequest{AgentId: t.Agent},

		"AuditService.ListAuditEntries":   &pb.ListAuditEntriesRequest{},
		"AuditService.ListSecurityEvents": &pb.ListSecurityEventsRequest{},

		"CalendarService.ListCalendar": &pb.ListCalendarRequest{From: timestamppb.New(time.Now()), To: timestamppb.New(time.Now().Add(time.Hour)), AgentId: t.Agent, AccountId: t.Account},
		"CalendarService.MovePlanned":  &pb.MovePlannedRequest{TaskId: t.Publish, StateVersion: 99, To: timestamppb.New(time.Now().Add(time.Hour))},

		"CampaignService.CreateCampaign": &pb.CreateCampaignRequest{AgentId: t.Agent, AccountIds: []string{t.Account}, Name: "new" + n, Goal: "g", Playbook: planner.Playbooks()[0].Name, Parameters: &pb.CampaignParameters{}},
		"CampaignService.GetCampaign":    &pb.GetCampaignRequest{CampaignId: t.Campaign},
		"CampaignService.ListCampaigns":  &pb.ListCampaignsRequest{AgentId: t.Agent},
		"CampaignService.StartCampaign":  &pb.StartCampaignRequest{CampaignId: t.Campaign, StateVersion: t.CampaignVersion},
		"CampaignService.PauseCampaign":  &pb.PauseCampaignRequest{CampaignId: t.Campaign, StateVersion: t.CampaignVersion},
		"CampaignService.ResumeCampaign": &pb.ResumeCampaignRequest{CampaignId: t.Campaign, StateVersion: t.CampaignVersion},
		"CampaignService.CancelCampaign": &pb.CancelCampaignRequest{CampaignId: t.Campaign, StateVersion: t.CampaignVersion},

		"DeadLetterService.ListDeadLetters":   &pb.ListDeadLettersRequest{},
		"DeadLetterService.GetDeadLetter":     &pb.GetDeadLetterRequest{LetterId: t.Letter},
		"DeadLetterService.ReplayDeadLetter":  &pb.ReplayDeadLetterRequest{LetterId: t.Letter, StateVersion: 1, Reason: "r"},
		"DeadLetterService.DiscardDeadLetter": &pb.DiscardDeadLetterRequest{LetterId: t.Letter, StateVersion: 1, Reason: "r"},

		"MemberService.ListMembers": &pb.ListMembersRequest{},

		"PlanService.GetPlan":          &pb.GetPlanRequest{CampaignId: t.Campaign},
		"PlanService.ListPlanVersions": &pb.ListPlanVersionsRequest{CampaignId: t.Campaign},
		"PlanService.GetTask":          &pb.GetTaskRequest{TaskId: t.Publish},
		"PlanService.ListTasks":        &pb.ListTasksRequest{CampaignId: t.Campaign},
		"PlanService.RetryTask":        &pb.RetryTaskRequest{TaskId: t.Publish, StateVersion: 1},

		"PostService.ListPosts":     &pb.ListPostsRequest{CampaignId: t.Campaign, AccountId: t.Account},
		"PostService.GetPost":       &pb.GetPostRequest{PostId: t.Post},
		"PostService.ListEffects":   &pb.ListEffectsRequest{},
		"PostService.ResolveEffect": &pb.ResolveEffectRequest{EffectId: t.Effect, StateVersion: 1, Published: true, Rationale: "r"},

		"ReviewService.ListReviews":    &pb.ListReviewsRequest{CampaignId: t.Campaign, AccountId: t.Account, AgentId: t.Agent},
		"ReviewService.GetReview":      &pb.GetReviewRequest{ReviewId: t.Review},
		"ReviewService.ClaimReview":    &pb.ClaimReviewRequest{ReviewId: t.Review, StateVersion: 1},
		"ReviewService.ReleaseReview":  &pb.ReleaseReviewRequest{ReviewId: t.Review, StateVersion: 1},
		"ReviewService.ApproveReview":  &pb.ApproveReviewRequest{ReviewId: t.Review, StateVersion: 1, PayloadSha256: strings.Repeat("cd", 32), Rationale: "r"},
		"ReviewService.RejectReview":   &pb.RejectReviewRequest{ReviewId: t.Review, StateVersion: 1, Rationale: "r"},
		"ReviewService.SnoozeReview":   &pb.SnoozeReviewRequest{ReviewId: t.Review, StateVersion: 1, Until: timestamppb.New(time.Now().Add(time.Minute))},
		"ReviewService.RequestChanges": &pb.RequestChangesRequest{ReviewId: t.Review, StateVersion: 1, Remarks: "r"},

		"StopService.PressStop":   &pb.PressStopRequest{Scope: pb.StopScope_STOP_SCOPE_CAMPAIGN, ScopeId: t.Campaign, Reason: "r"},
		"StopService.ReleaseStop": &pb.ReleaseStopRequest{StopId: t.Stop, StateVersion: 1, Reason: "r"},
		"StopService.ListStops":   &pb.ListStopsRequest{},
		"ToolService.AcceptTool":  &pb.AcceptToolRequest{Name: "some.tool", Digest: sum, Rationale: "r"},
	}
}

func request(t *testing.T, m protoreflect.MethodDescriptor, tenant apitest.Tenant) proto.Message {
	t.Helper()
	req, ok := requests(tenant)[string(m.Parent().Name())+"."+string(m.Name())]
	require.True(t, ok, "%s has no request in requests(): its isolation is not tested", m.FullName())
	return req
}

// TestOwnObjectsAreReached keeps the isolation test honest: the same requests over the caller's own objects get
// past the lookup, so a NotFound there comes from the foreign id and from nothing else.
func TestOwnObjectsAreReached(t *testing.T) {
	b := apitest.Start(t)
	reached := map[string]bool{"": true, "failed_precondition": true, "aborted": true, "already_exists": true}
	for i, m := range methodsOf(platformPackage) {
		if len(positions(m.Input(), nil, 0)) == 0 {
			continue
		}
		tenant := b.Seed("own-" + strconv.Itoa(i))
		a := b.Call(b.Member(tenant, "admin"), m, request(t, m, tenant), "")
		// The planner calls some states invalid: that is past the lookup too.
		state := a.Info.GetReason() == typev1.Reason_REASON_WRONG_STATE
		require.True(t, reached[a.Code] || state, "%s: %s", m.FullName(), a.Body)
	}
}
