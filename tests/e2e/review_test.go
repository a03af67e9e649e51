package e2e_test

import (
	"encoding/json"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/tests/internal/world"
)

// reason is the typed cause of an RPC's error; every refusal must carry one and the request's id (R14.4).
func reason(t *testing.T, err error) typev1.Reason {
	t.Helper()
	var e *connect.Error
	require.ErrorAs(t, err, &e, "%v is no typed error", err)
	for _, d := range e.Details() {
		v, derr := d.Value()
		require.NoError(t, derr)
		if info, ok := v.(*typev1.ErrorInfo); ok {
			require.NotEmpty(t, info.GetRequestId())
			require.NotEmpty(t, info.GetMessage())
			return info.GetReason()
		}
	}
	require.FailNow(t, "no ErrorInfo", "%v", err)
	return 0
}

// refused asserts that a call failed for one of the given reasons.
func refused(t *testing.T, err error, want ...typev1.Reason) {
	t.Helper()
	require.Error(t, err)
	require.Contains(t, want, reason(t, err), "%v", err)
}

// decisions: changes are requested and honoured, a payload is edited and approved, another is rejected.
func decisions(t *testing.T, w *world.World) {
	changed := w.Launch(t, world.Options{})
	edited := w.Launch(t, world.Options{Platforms: []string{"mastodon"}})
	rejected := w.Launch(t, world.Options{})
	rafael := w.As("rafael")

	first := changed.Reviews(t, 1)[0]
	asked, err := rafael.RequestChanges(t.Context(), &platformv1.RequestChangesRequest{ReviewId: first.GetId(), StateVersion: first.GetStateVersion(), Remarks: "No hashtags, please."})
	require.NoError(t, err)
	require.EqualValues(t, 2, asked.GetPlanVersion())
	second := changed.Reviews(t, 1)[0]
	require.NotEqual(t, first.GetId(), second.GetId())
	require.NotEqual(t, first.GetPayloadSha256(), second.GetPayloadSha256())
	require.Contains(t, textOf(t, first), "#", "the remark must have something to change")
	require.NotContains(t, textOf(t, second), "#", "the remark was not honoured")
	got, err := rafael.GetReview(t.Context(), &platformv1.GetReviewRequest{ReviewId: second.GetId()})
	require.NoError(t, err)
	require.NotEmpty(t, got.GetSources(), "a reviewer sees what the draft was made from")
	require.True(t, got.GetSources()[0].GetTainted(), "and that it came from outside")
	require.Contains(t, got.GetRemarks(), "No hashtags, please.")
	_, err = rafael.ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{ReviewId: first.GetId(), StateVersion: first.GetStateVersion() + 1, PayloadSha256: first.GetPayloadSha256()})
	refused(t, err, typev1.Reason_REASON_WRONG_STATE, typev1.Reason_REASON_STALE_VERSION)
	changed.Approve(t, second)

	review := edited.Reviews(t, 1)[0]
	var payload map[string]any
	require.NoError(t, json.Unmarshal([]byte(review.GetPayloadJson()), &payload))
	payload["text"] = "Weigh your beans. " + payload["text"].(string)
	raw, err := json.Marshal(payload)
	require.NoError(t, err)
	_, err = rafael.ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{
		ReviewId: review.GetId(), StateVersion: review.GetStateVersion(), PayloadSha256: review.GetPayloadSha256(),
		EditedPayloadJson: string(raw), Rationale: "added the point",
	})
	require.NoError(t, err)

	no := rejected.Reviews(t, 1)[0]
	_, err = rafael.RejectReview(t.Context(), &platformv1.RejectReviewRequest{ReviewId: no.GetId(), StateVersion: no.GetStateVersion(), Rationale: "not our topic"})
	require.NoError(t, err)

	changed.Completed(t)
	edited.Completed(t)
	clean(t, w, changed, edited)
	require.Contains(t, edited.Posts(t)[0].GetText(), "Weigh your beans.")
	require.True(t, edited.Posts(t)[0].GetEdited())
	rejected.Finished(t)
	require.Empty(t, w.Book(t, rejected).Creations, "what was rejected was published")
	require.Equal(t, "rejected", rejected.Task(t, "publish").State)
}

func textOf(t *testing.T, r *platformv1.Review) string {
	t.Helper()
	var payload struct{ Text string }
	require.NoError(t, json.Unmarshal([]byte(r.GetPayloadJson()), &payload))
	return payload.Text
}

// contention: two reviewers at once, a stale version, a hold, and a hash that is not the payload's.
func contention(t *testing.T, w *world.World) {
	const rounds = 4
	var runs []*world.Run
	for range rounds {
		runs = append(runs, w.Launch(t, world.Options{}))
	}
	for i, r := range runs {
		review := r.Reviews(t, 1)[0]
		if i == 0 {
			review = claims(t, w, review)
		}
		var errs [2]error
		var both sync.WaitGroup
		for j, name := range []string{"rafael", "ruth"} {
			both.Go(func() {
				_, errs[j] = w.As(name).ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{ReviewId: review.GetId(), StateVersion: review.GetStateVersion(), PayloadSha256: review.GetPayloadSha256()})
			})
		}
		both.Wait()
		lost := errs[0]
		if lost == nil {
			lost = errs[1]
		}
		require.True(t, (errs[0] == nil) != (errs[1] == nil), "exactly one of two reviewers decides: %v", errs)
		refused(t, lost, typev1.Reason_REASON_STALE_VERSION, typev1.Reason_REASON_WRONG_STATE, typev1.Reason_REASON_CLAIMED_BY_OTHER)
	}
	for _, r := range runs {
		r.Completed(t)
	}
	clean(t, w, runs...)
}

func claims(t *testing.T, w *world.World, review *platformv1.Review) *platformv1.Review {
	t.Helper()
	ruth, rafael := w.As("ruth"), w.As("rafael")
	held, err := ruth.ClaimReview(t.Context(), &platformv1.ClaimReviewRequest{ReviewId: review.GetId(), StateVersion: review.GetStateVersion()})
	require.NoError(t, err)
	approve := func(c world.Client, version int64, hash string) error {
		_, err := c.ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{ReviewId: review.GetId(), StateVersion: version, PayloadSha256: hash})
		return err
	}
	other := "0000000000000000000000000000000000000000000000000000000000000000"
	refused(t, approve(ruth, review.GetStateVersion(), review.GetPayloadSha256()), typev1.Reason_REASON_STALE_VERSION)
	refused(t, approve(rafael, held.GetReview().GetStateVersion(), review.GetPayloadSha256()), typev1.Reason_REASON_CLAIMED_BY_OTHER)
	refused(t, approve(ruth, held.GetReview().GetStateVersion(), other), typev1.Reason_REASON_GRANT_MISMATCH, typev1.Reason_REASON_STALE_VERSION, typev1.Reason_REASON_DIGEST_MISMATCH)
	refused(t, approve(w.As("olga"), held.GetReview().GetStateVersion(), review.GetPayloadSha256()), typev1.Reason_REASON_PERMISSION_DENIED)
	free, err := ruth.ReleaseReview(t.Context(), &platformv1.ReleaseReviewRequest{ReviewId: review.GetId(), StateVersion: held.GetReview().GetStateVersion()})
	require.NoError(t, err)
	return free.GetReview()
}
