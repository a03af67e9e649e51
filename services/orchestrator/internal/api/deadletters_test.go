package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	pb "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/store"
)

// A letter as flow keeps it: the bus's whole record, in which the message's own metadata is nested.
func TestLetterFromTheBusIsShownAndNotReplayedWhenUndecodable(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	operator := b.Member(tenant, "operator")
	metadata, err := json.Marshal(bus.PoisonLetter{
		Queue: "task", EntryID: "7-0", Kind: "invalid", Undecodable: true, Deliveries: 1,
		Metadata: map[string]string{"task_id": "t", "EntryID": "a lie"},
	})
	require.NoError(t, err)
	letter := store.DeadLetter{ID: apitest.NewID(), Queue: "task", MessageID: "7-0", Reason: "no message", Raw: []byte("\xff"), Metadata: metadata}
	require.NoError(t, b.Commit.KeepDeadLetter(context.Background(), tenancy.Scope{Tenant: tenant.ID, Actor: "system:poison"}, letter))

	got := ask(t, b, operator, "DeadLetterService.GetDeadLetter", &pb.GetDeadLetterRequest{LetterId: letter.ID}, &pb.GetDeadLetterResponse{})
	require.Equal(t, "t", got.GetMetadata()["task_id"])
	require.Equal(t, "7-0", got.GetMetadata()["EntryID"])
	require.Equal(t, "true", got.GetMetadata()["Undecodable"])

	a := b.Call(operator, method(t, "DeadLetterService.ReplayDeadLetter"), &pb.ReplayDeadLetterRequest{LetterId: letter.ID, StateVersion: got.GetLetter().GetStateVersion(), Reason: "try"}, "")
	require.Equal(t, http.StatusBadRequest, a.Status)
	require.Equal(t, typev1.Reason_REASON_UNDECODABLE, a.Info.GetReason())
	require.Empty(t, b.Replayed())
	got = ask(t, b, operator, "DeadLetterService.GetDeadLetter", &pb.GetDeadLetterRequest{LetterId: letter.ID}, &pb.GetDeadLetterResponse{})
	require.Equal(t, pb.DeadLetterState_DEAD_LETTER_STATE_OPEN, got.GetLetter().GetState())
}
