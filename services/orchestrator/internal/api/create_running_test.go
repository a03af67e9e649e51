package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	pb "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/planner"
)

// TestOneCallCreatesAndStarts (F-01, R7.4): it runs when the call answers, a repeat answers the same, and the key of a
// draft does not serve to start.
func TestOneCallCreatesAndStarts(t *testing.T) {
	b := apitest.Start(t)
	tenant, other := b.Seed("tenant-a"), b.Seed("tenant-b")
	operator := b.Member(tenant, "operator")
	req := &pb.CreateCampaignRequest{
		AgentId: tenant.Agent, AccountIds: []string{tenant.Account}, Name: "Morning", Goal: "tell of coffee",
		Playbook: planner.Playbooks()[0].Name, Parameters: &pb.CampaignParameters{}, Start: true, IdempotencyKey: "key-1",
	}
	first := ask(t, b, operator, "CampaignService.CreateCampaign", req, &pb.CreateCampaignResponse{})
	campaign := first.GetCampaign()
	require.Equal(t, pb.CampaignState_CAMPAIGN_STATE_RUNNING, campaign.GetState())
	require.EqualValues(t, 1, campaign.GetPlanVersion())
	plan := ask(t, b, operator, "PlanService.GetPlan", &pb.GetPlanRequest{CampaignId: campaign.GetId()}, &pb.GetPlanResponse{})
	require.NotEmpty(t, plan.GetNodes())
	require.True(t, proto.Equal(first, ask(t, b, operator, "CampaignService.CreateCampaign", req, &pb.CreateCampaignResponse{})))
	again := b.Call(operator, method(t, "CampaignService.StartCampaign"), &pb.StartCampaignRequest{CampaignId: campaign.GetId(), StateVersion: campaign.GetStateVersion()}, "")
	require.Equal(t, typev1.Reason_REASON_WRONG_STATE, again.Info.GetReason())

	draft := proto.CloneOf(req)
	draft.Start = false
	reused := b.Call(operator, method(t, "CampaignService.CreateCampaign"), draft, "")
	require.Equal(t, typev1.Reason_REASON_IDEMPOTENCY_KEY_REUSED, reused.Info.GetReason())
	foreign := proto.CloneOf(req)
	foreign.AccountIds, foreign.IdempotencyKey = []string{other.Account}, "key-2"
	unseen := b.Call(operator, method(t, "CampaignService.CreateCampaign"), foreign, "")
	require.Equal(t, typev1.Reason_REASON_NOT_FOUND, unseen.Info.GetReason())
	refused := b.Call(b.Member(tenant, "viewer"), method(t, "CampaignService.CreateCampaign"), req, "")
	require.Equal(t, "permission_denied", refused.Code)
	listed := ask(t, b, operator, "CampaignService.ListCampaigns", &pb.ListCampaignsRequest{}, &pb.ListCampaignsResponse{}).GetCampaigns()
	require.Len(t, listed, 2, "the seed's own and this")
}

// Whoever creates may start at once, so creating must not need less than starting.
func TestCreatingNeedsWhatStartingNeeds(t *testing.T) { // R13.3
	require.Equal(t, permission(method(t, "CampaignService.StartCampaign")), permission(method(t, "CampaignService.CreateCampaign")))
}
