package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/api/apitest"
)

func calendar(t *testing.T, b *apitest.Bench, client *http.Client, days int) []*pb.CalendarEntry {
	t.Helper()
	req := &pb.ListCalendarRequest{From: timestamppb.New(time.Now().Add(-time.Hour)), To: timestamppb.New(time.Now().Add(time.Duration(days) * 24 * time.Hour))}
	return ask(t, b, client, "CalendarService.ListCalendar", req, &pb.ListCalendarResponse{}).GetEntries()
}

func planned(entries []*pb.CalendarEntry) []*pb.CalendarEntry {
	var out []*pb.CalendarEntry
	for _, e := range entries {
		if e.GetKind() == pb.CalendarEntryKind_CALENDAR_ENTRY_KIND_PLANNED {
			out = append(out, e)
		}
	}
	return out
}

// TestMovePlannedVoidsWhatWasDecided (F-33, R7.1, R10.3): a move is plan version n+1 with its cause; the
// review for the old time ends, and the preview says so and writes nothing.
func TestMovePlannedVoidsWhatWasDecided(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	operator := b.Member(tenant, "operator")
	entries := calendar(t, b, operator, 7)
	require.Len(t, entries, 2, "the post and the planned one")
	item := planned(entries)[0]
	require.Equal(t, tenant.Publish, item.GetTaskId())
	require.Equal(t, tenant.Review, item.GetReviewId())
	require.Equal(t, "same text", item.GetExcerpt())
	require.Equal(t, "Same Campaign", item.GetCampaignName())
	require.Equal(t, "Same Agent", item.GetAgentName())
	require.True(t, item.GetMovable())
	require.False(t, item.GetFixed())

	to := time.Now().Add(3 * 24 * time.Hour).Truncate(time.Second)
	req := &pb.MovePlannedRequest{TaskId: item.GetTaskId(), StateVersion: item.GetStateVersion(), To: timestamppb.New(to), Preview: true}
	before := head(t, b, tenant)
	preview := ask(t, b, operator, "CalendarService.MovePlanned", req, &pb.MovePlannedResponse{})
	require.Equal(t, before, head(t, b, tenant), "a preview leaves nothing")
	require.Equal(t, []string{tenant.Review}, preview.GetVoidedReviewIds())
	require.False(t, preview.GetVoidedApproval(), "none was given")
	require.Contains(t, preview.GetSentence(), "asked again")
	require.Empty(t, preview.GetTaskId())
	require.Equal(t, pb.ReviewState_REVIEW_STATE_OPEN, ask(t, b, operator, "ReviewService.GetReview", &pb.GetReviewRequest{ReviewId: tenant.Review}, &pb.GetReviewResponse{}).GetReview().GetState())

	req.Preview, req.IdempotencyKey = false, "move-1"
	moved := ask(t, b, operator, "CalendarService.MovePlanned", req, &pb.MovePlannedResponse{})
	require.Equal(t, preview.GetSentence(), moved.GetSentence())
	require.EqualValues(t, 2, moved.GetPlanVersion())
	require.Equal(t, moved.String(), ask(t, b, operator, "CalendarService.MovePlanned", req, &pb.MovePlannedResponse{}).String(), "the same key answers the first call's result")
	review := ask(t, b, operator, "ReviewService.GetReview", &pb.GetReviewRequest{ReviewId: tenant.Review}, &pb.GetReviewResponse{}).GetReview()
	require.Equal(t, pb.ReviewState_REVIEW_STATE_CANCELLED, review.GetState())
	plan := ask(t, b, operator, "PlanService.GetPlan", &pb.GetPlanRequest{CampaignId: tenant.Campaign}, &pb.GetPlanResponse{})
	require.Equal(t, moved.GetSentence(), plan.GetPlan().GetCause())
	again := planned(calendar(t, b, operator, 7))[0]
	require.Equal(t, moved.GetTaskId(), again.GetTaskId())
	require.True(t, again.GetAt().AsTime().Equal(to))
	require.True(t, again.GetFixed())

	stale := b.Call(operator, method(t, "CalendarService.MovePlanned"), &pb.MovePlannedRequest{TaskId: again.GetTaskId(), StateVersion: again.GetStateVersion() + 1, To: timestamppb.New(to)}, "")
	require.Equal(t, "aborted", stale.Code)
	past := b.Call(operator, method(t, "CalendarService.MovePlanned"), &pb.MovePlannedRequest{TaskId: again.GetTaskId(), StateVersion: again.GetStateVersion(), To: timestamppb.New(time.Now().Add(-time.Minute))}, "")
	require.Equal(t, "invalid_argument", past.Code)
	read := b.Call(operator, method(t, "CalendarService.MovePlanned"), &pb.MovePlannedRequest{TaskId: tenant.Draft, StateVersion: 1, To: timestamppb.New(to)}, "")
	require.Equal(t, "failed_precondition", read.Code, "a draft has no time of its own")
	long := b.Call(operator, method(t, "CalendarService.ListCalendar"), &pb.ListCalendarRequest{From: timestamppb.New(time.Now()), To: timestamppb.New(time.Now().Add(63 * 24 * time.Hour))}, "")
	require.Equal(t, "invalid_argument", long.Code)
}
