package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	pb "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/store"
)

// TestReviewerSeesWhatMemorySaid (F-31, R10.4): what was recalled for the proposal, each once, and that memory was
// away when it was; what another step recalled is not in it.
func TestReviewerSeesWhatMemorySaid(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	viewer := b.Member(tenant, "viewer")
	get := func(id string) *pb.GetReviewResponse {
		return ask(t, b, viewer, "ReviewService.GetReview", &pb.GetReviewRequest{ReviewId: id}, &pb.GetReviewResponse{})
	}
	recall := func(output string) string {
		id := apitest.NewID()
		result, err := proto.Marshal(&busv1.Result{
			Id: apitest.NewID(), TenantId: string(tenant.ID), TaskId: id, Epoch: 1, Attempt: 1, Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS,
			OutputJson: []byte(output), FinishedAt: timestamppb.Now(),
		})
		require.NoError(t, err)
		b.Write(tenant, func(ctx context.Context, tx *store.Tx) error {
			k := store.Task{
				ID: id, CampaignID: tenant.Campaign, AgentID: tenant.Agent, PlanVersion: 1, PersonaVersion: 1, Node: "recall-" + id, Kind: "read", Mode: "run", Tool: "memory.recall",
				State: "succeeded", SpecDigest: "x", MaxAttempts: 3, TimeoutMS: 1000, NotBefore: tx.Now(), Arguments: []byte("{}"),
			}
			if err := tx.TaskInsert(ctx, k, nil); err != nil {
				return err
			}
			_, err := tx.ResultInsert(ctx, apitest.NewID(), id, 1, 1, result)
			return err
		})
		return id
	}
	proposal := func(after ...string) string {
		id, task := apitest.NewID(), apitest.NewID()
		b.Write(tenant, func(ctx context.Context, tx *store.Tx) error {
			k := store.Task{
				ID: task, CampaignID: tenant.Campaign, AgentID: tenant.Agent, PlanVersion: 1, PersonaVersion: 1, Node: "publish-" + id, Kind: "effect", Mode: "propose", Tool: "publisher.publish",
				State: "awaiting_review", SpecDigest: "x", MaxAttempts: 3, TimeoutMS: 1000, NotBefore: tx.Now(), Arguments: []byte("{}"),
			}
			if err := tx.TaskInsert(ctx, k, after); err != nil {
				return err
			}
			return tx.ReviewInsert(ctx, store.Review{
				ID: id, TaskID: task, ResultID: tenant.Result, CampaignID: tenant.Campaign, AgentID: tenant.Agent, AccountID: &tenant.Account, Platform: "bluesky",
				Risk: 1, Reason: "r", Payload: []byte(`{"text":"t"}`), Excerpt: "t", Deadline: time.Now().Add(time.Hour),
			})
		})
		return id
	}
	first := recall(`{"memories":[{"id":"m1","text":"it did well","kind":"published_post","score":0.9,"tainted":true},{"id":"m2","text":"short ones","kind":"published_post","score":0.4,"tainted":false}],"degraded":""}`)
	again := recall(`{"memories":[{"id":"m1","text":"it did well","kind":"published_post","score":0.7,"tainted":true}],"degraded":""}`)
	recall(`{"memories":[{"id":"m3","text":"of another step","kind":"published_post","score":1,"tainted":false}],"degraded":""}`)
	away := recall(`{"memories":[],"degraded":"the store does not answer"}`)
	strange := recall(`{"memories":"none"}`)

	seen := get(proposal(first, again))
	require.Len(t, seen.GetMemories(), 2)
	require.Equal(t, "it did well", seen.GetMemories()[0].GetText())
	require.True(t, seen.GetMemories()[0].GetTainted())
	require.Equal(t, "m2", seen.GetMemories()[1].GetId())
	require.Empty(t, seen.GetMemoryDegraded())

	gone := get(proposal(away))
	require.Empty(t, gone.GetMemories())
	require.Equal(t, "the store does not answer", gone.GetMemoryDegraded())
	require.Empty(t, get(proposal(strange)).GetMemories())
}
