package api_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/commit"
)

// TestAuditIsAskedInManyWays (F-34, R14.3): each filter leaves what it says, and nothing that the words of a search
// mean to a database means anything here.
func TestAuditIsAskedInManyWays(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	viewer := b.Member(tenant, "viewer")
	_, err := b.Commit.ClaimReview(t.Context(), tenant.Scope(), tenant.Review, 1)
	require.NoError(t, err)
	require.NoError(t, b.Commit.RecordSecurityEvent(t.Context(), tenant.Scope(), "grant_replayed", "100% sure"))
	list := func(req *pb.ListAuditEntriesRequest) []*pb.AuditEntry {
		return ask(t, b, viewer, "AuditService.ListAuditEntries", req, &pb.ListAuditEntriesResponse{}).GetEntries()
	}
	all := list(&pb.ListAuditEntriesRequest{})
	require.Greater(t, len(all), 8)
	for name, c := range map[string]struct {
		req  *pb.ListAuditEntriesRequest
		keep func(e *pb.AuditEntry) bool
	}{
		"action":     {&pb.ListAuditEntriesRequest{Action: "stop.pressed"}, func(e *pb.AuditEntry) bool { return e.GetAction() == "stop.pressed" }},
		"actions":    {&pb.ListAuditEntriesRequest{Action: "review."}, func(e *pb.AuditEntry) bool { return e.GetObjectType() == "review" }},
		"actor":      {&pb.ListAuditEntriesRequest{Actor: apitest.Subject("admin", "tenant-a")}, func(*pb.AuditEntry) bool { return true }},
		"actors":     {&pb.ListAuditEntriesRequest{Actor: "service:*"}, func(*pb.AuditEntry) bool { return false }},
		"kind":       {&pb.ListAuditEntriesRequest{ObjectKind: "agent"}, func(e *pb.AuditEntry) bool { return e.GetObjectType() == "agent" }},
		"refused":    {&pb.ListAuditEntriesRequest{Outcome: pb.AuditOutcome_AUDIT_OUTCOME_REFUSED}, func(e *pb.AuditEntry) bool { return e.GetAction() == "security.grant_replayed" }},
		"done":       {&pb.ListAuditEntriesRequest{Outcome: pb.AuditOutcome_AUDIT_OUTCOME_DONE}, func(e *pb.AuditEntry) bool { return e.GetOutcome() == pb.AuditOutcome_AUDIT_OUTCOME_DONE }},
		"words":      {&pb.ListAuditEntriesRequest{Query: "SAME agent"}, func(e *pb.AuditEntry) bool { return e.GetAction() == "agent.created" }},
		"wildcards":  {&pb.ListAuditEntriesRequest{Query: "%_%"}, func(*pb.AuditEntry) bool { return false }},
		"injection":  {&pb.ListAuditEntriesRequest{Query: "' or 1=1 --"}, func(*pb.AuditEntry) bool { return false }},
		"since":      {&pb.ListAuditEntriesRequest{Since: timestamppb.New(time.Now().Add(time.Hour))}, func(*pb.AuditEntry) bool { return false }},
		"until":      {&pb.ListAuditEntriesRequest{Until: timestamppb.New(time.Now().Add(-time.Hour))}, func(*pb.AuditEntry) bool { return false }},
		"together":   {&pb.ListAuditEntriesRequest{Action: "agent.", Query: "same", Since: timestamppb.New(time.Now().Add(-time.Hour))}, func(e *pb.AuditEntry) bool { return e.GetObjectType() == "agent" }},
		"star alone": {&pb.ListAuditEntriesRequest{Actor: "*"}, func(*pb.AuditEntry) bool { return true }},
	} {
		var want, have []int64
		for _, e := range all {
			if c.keep(e) {
				want = append(want, e.GetSeq())
			}
		}
		for _, e := range list(c.req) {
			have = append(have, e.GetSeq())
		}
		require.Equal(t, want, have, name)
	}
	agent := list(&pb.ListAuditEntriesRequest{Action: "agent.created"})[0]
	require.Equal(t, "Same Agent", agent.GetObjectName())
	require.NotEmpty(t, agent.GetAllowedBecause())
	require.True(t, agent.GetAt().AsTime().Equal(agent.GetOutcomeAt().AsTime()))
	for _, e := range all {
		require.NotEmpty(t, e.GetAllowedBecause(), e.GetAction())
	}
}

// TestExportIsTheWholeList (F-34): line by line, oldest first, the same entries as the list.
func TestExportIsTheWholeList(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	for range 501 { // more than a message holds
		_, err := b.Commit.CreateAgent(t.Context(), tenant.Scope(), commit.Idempotency{}, "n", &pb.Persona{Voice: "v", Language: "en"})
		require.NoError(t, err)
	}
	a := b.Call(b.Member(tenant, "viewer"), method(t, "AuditService.ExportAudit"), &pb.ExportAuditRequest{}, "")
	require.Empty(t, a.Code)
	var seqs []int64
	for _, raw := range a.Messages {
		chunk := &pb.ExportAuditResponse{}
		require.NoError(t, protojson.Unmarshal(raw, chunk))
		for line := range bytes.Lines(chunk.GetJsonLines()) {
			require.True(t, json.Valid(line))
			e := &pb.AuditEntry{}
			require.NoError(t, protojson.Unmarshal(line, e))
			seqs = append(seqs, e.GetSeq())
		}
		require.EqualValues(t, len(seqs), chunk.GetEntries())
	}
	require.Len(t, seqs, int(head(t, b, tenant)))
	for i, seq := range seqs {
		require.EqualValues(t, i+1, seq)
	}
}
