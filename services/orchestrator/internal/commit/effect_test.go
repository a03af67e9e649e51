package commit_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

// approved brings an effect to its claimed execution.
func approved(t *testing.T) (*committest.World, *busv1.Task, *internalv1.ClaimOutcome) {
	w, _ := begin(t)
	w.Approve(w.UntilReview(w.Operator))
	m := w.Execution(w.Operator)
	claim := w.Claim(m)
	require.True(t, claim.GetGranted(), claim.GetReason())
	return w, m, claim
}

func request(t *testing.T, m *busv1.Task, claim *internalv1.ClaimOutcome) *internalv1.RedeemGrantRequest {
	hash, err := grant.PayloadSHA256(m.GetSpec().GetArgumentsJson())
	require.NoError(t, err)
	return &internalv1.RedeemGrantRequest{TenantId: m.GetTenantId(), TaskId: m.GetId(), Epoch: claim.GetEpoch(), Grant: m.GetGrant(), PayloadSha256: hash, ToolDigest: m.GetSpec().GetToolDigest()}
}

// R10.5: a grant works once, however many ask at the same time.
func TestGrantIsRedeemedExactlyOnce(t *testing.T) {
	w, m, claim := approved(t)
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := w.Redeem(w.Operator, m, claim); err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	_, err := w.Redeem(w.Operator, m, claim)
	require.Equal(t, typev1.Reason_REASON_GRANT_CONSUMED, errs.ReasonOf(err))
	require.Contains(t, w.SecurityEvents(w.Operator), "grant_replayed")
}

func TestGrantIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(w *committest.World, r *internalv1.RedeemGrantRequest)
		reason typev1.Reason
		event  string
	}{
		"for edited bytes": {func(_ *committest.World, r *internalv1.RedeemGrantRequest) {
			r.PayloadSha256 = grant.Hex([]byte("edited"))
		}, typev1.Reason_REASON_GRANT_MISMATCH, "grant_misused"},
		"for a changed tool": {func(_ *committest.World, r *internalv1.RedeemGrantRequest) { r.ToolDigest = grant.Hex([]byte("rug")) }, typev1.Reason_REASON_GRANT_MISMATCH, "grant_misused"},
		"when forged": {func(_ *committest.World, r *internalv1.RedeemGrantRequest) {
			r.Grant = proto.CloneOf(r.GetGrant())
			r.Grant.Signature[0] ^= 1
		}, typev1.Reason_REASON_GRANT_INVALID, "grant_forged"},
		"without one":         {func(_ *committest.World, r *internalv1.RedeemGrantRequest) { r.Grant = nil }, typev1.Reason_REASON_GRANT_REQUIRED, "grant_forged"},
		"for another attempt": {func(_ *committest.World, r *internalv1.RedeemGrantRequest) { r.Epoch++ }, typev1.Reason_REASON_STALE_EPOCH, ""},
		"while stopped": {func(w *committest.World, _ *internalv1.RedeemGrantRequest) {
			_, err := w.Commit.PressStop(context.Background(), w.Operator, "account", w.Account.ID, "drill")
			require.NoError(w.T, err)
		}, typev1.Reason_REASON_STOPPED, ""},
		"for a disabled account": {func(w *committest.World, _ *internalv1.RedeemGrantRequest) {
			_, err := w.Commit.SetAccountDisabled(context.Background(), w.Operator, w.Account.ID, w.Account.StateVersion, true)
			require.NoError(w.T, err)
		}, typev1.Reason_REASON_STOPPED, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, m, claim := approved(t)
			r := request(t, m, claim)
			c.spoil(w, r)
			_, err := w.Commit.Redeem(t.Context(), tenancy.Scope{Tenant: w.Operator.Tenant, Actor: "service:skill:publisher"}, r)
			require.Equal(t, c.reason, errs.ReasonOf(err), err)
			require.Equal(t, "prepared", w.Effects(w.Operator)[0].State, "a refusal changes nothing")
			if c.event != "" {
				require.Contains(t, w.SecurityEvents(w.Operator), c.event)
			}
		})
	}
}

func TestExpiredGrantIsRefused(t *testing.T) {
	set := committest.Settings()
	set.GrantTTL, set.Lease = 300*time.Millisecond, 10*time.Second
	w := committest.New(t, set)
	w.Offer("v1")
	w.Start(w.Operator, w.Agent, w.Account, 0)
	w.Approve(w.UntilReview(w.Operator))
	m := w.Execution(w.Operator)
	claim := w.Claim(m)
	time.Sleep(400 * time.Millisecond)
	_, err := w.Redeem(w.Operator, m, claim)
	require.Equal(t, typev1.Reason_REASON_GRANT_EXPIRED, errs.ReasonOf(err))
}

func TestGrantOfAnotherTenantIsRefused(t *testing.T) {
	w, m, claim := approved(t)
	other, _ := w.Tenant("borealis")
	_, err := w.Commit.Redeem(t.Context(), tenancy.Scope{Tenant: other.Tenant, Actor: "service:skill:publisher"}, request(t, m, claim))
	require.Equal(t, errs.NotFound, errs.KindOf(err))
}

// sendingThenLost redeems, and loses the worker before it could tell.
func sendingThenLost(t *testing.T) (*committest.World, *busv1.Task, store.Effect) {
	w, m, claim := approved(t)
	_, err := w.Redeem(w.Operator, m, claim)
	require.NoError(t, err)
	w.Exec("update tasks set lease_until = now() - interval '1 second' where id = $1", m.GetId())
	require.NoError(t, w.Commit.Reconcile(t.Context(), w.Operator))
	require.Equal(t, "unknown", w.Task(w.Operator, m.GetId()).State)
	e := w.Effects(w.Operator)[0]
	require.Equal(t, "unknown", e.State)
	return w, m, e
}

// lookup waits out the quiet period and takes the look-up that reads the platform back.
func lookup(t *testing.T, w *committest.World) *busv1.Task {
	for range 100 {
		require.NoError(t, w.Commit.Reconcile(t.Context(), w.Operator))
		for _, m := range w.Take(w.Operator) {
			require.Equal(t, "publisher.lookup", m.GetSpec().GetTool(), "an unknown effect is read back, never sent again blindly")
			return m
		}
		time.Sleep(20 * time.Millisecond)
	}
	require.FailNow(t, "no look-up was dispatched")
	return nil
}

func TestUnknownEffectThatIsThereIsAdopted(t *testing.T) {
	w, m, e := sendingThenLost(t)
	q := lookup(t, w)
	require.Contains(t, string(q.GetSpec().GetArgumentsJson()), e.PlatformKey)
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		tasks, err := tx.PlanTasks(ctx, e.CampaignID, 1)
		require.False(t, slices.ContainsFunc(tasks, func(k store.Task) bool { return k.ID == q.GetId() }), "a look-up is of no plan")
		require.True(t, slices.ContainsFunc(tasks, func(k store.Task) bool { return k.ID == m.GetId() }))
		return err
	})
	w.Finish(w.Operator, committest.Success(q, w.Claim(q), `{"outcome":"found","remote_id":"r9","uri":"at://found","url":"https://example.org/found"}`))
	require.Equal(t, "succeeded", w.Task(w.Operator, m.GetId()).State)
	got := w.Effects(w.Operator)[0]
	require.Equal(t, "confirmed", got.State)
	require.Equal(t, "https://example.org/found", got.URL)
	// What follows builds on the receipt: the task's own last result is only its proposal.
	w.Exec("update tasks set not_before = now() where node like 'readback:%'")
	next := w.Take(w.Operator)
	require.Len(t, next, 1)
	require.Equal(t, "publisher.read", next[0].GetSpec().GetTool())
	require.Contains(t, string(next[0].GetSpec().GetArgumentsJson()), `"uri":"at://found"`)
}

// An attempt that ended unknown says it is sure of nothing. Once its effect was adopted that must not send the
// read-back to a person.
func TestAdoptedEffectLowersNobodysConfidence(t *testing.T) {
	w, m, claim := approved(t)
	_, err := w.Redeem(w.Operator, m, claim)
	require.NoError(t, err)
	r := committest.Success(m, claim, "")
	r.Status, r.Outcome = busv1.ResultStatus_RESULT_STATUS_FAILURE, busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN
	r.Confidence = &busv1.Confidence{Score: 0, Basis: "the call failed"}
	r.Error = &typev1.ErrorInfo{Reason: typev1.Reason_REASON_OUTCOME_UNKNOWN, Message: "no answer"}
	w.Finish(w.Operator, r)
	q := lookup(t, w)
	w.Finish(w.Operator, committest.Success(q, w.Claim(q), `{"outcome":"found","remote_id":"r9","uri":"at://found","url":"https://example.org/found"}`))
	w.Exec("update tasks set not_before = now() where node like 'readback:%'")
	for _, next := range w.Take(w.Operator) {
		w.Do(w.Operator, next)
		require.Equal(t, "succeeded", w.Task(w.Operator, next.GetId()).State)
	}
}

// A look-up that answers without a uri leaves the read-back unbindable: what waits for it is cancelled and the
// campaign ends, in the same transaction.
func TestStepThatCannotBeBoundEndsTheCampaign(t *testing.T) {
	w, m, _ := sendingThenLost(t)
	w.Exec(`update plans set nodes = (select jsonb_agg(case when n->>'tool' = 'publisher.read' then jsonb_set(n, '{arguments,uri}', '{"$from": "publish.output.nowhere"}') else n end)
		from jsonb_array_elements(nodes) n)`)
	w.Restart() // a plan never changes, so it is read once
	q := lookup(t, w)
	w.Finish(w.Operator, committest.Success(q, w.Claim(q), `{"outcome":"found","remote_id":"r9","uri":"at://found","url":"https://example.org/found"}`))
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		camp, err := tx.CampaignGet(ctx, w.Task(w.Operator, m.GetId()).CampaignID)
		require.Equal(t, "failed", camp.State)
		return err
	})
}

func TestUnknownEffectThatIsCertainlyAbsentIsSentUnderTheSameKey(t *testing.T) {
	w, m, e := sendingThenLost(t)
	q := lookup(t, w)
	w.Finish(w.Operator, committest.Success(q, w.Claim(q), `{"outcome":"absent","why":"read twice"}`))
	again := w.Execution(w.Operator)
	require.Equal(t, m.GetId(), again.GetId())
	claim := w.Claim(again)
	resp, err := w.Redeem(w.Operator, again, claim)
	require.NoError(t, err)
	require.Equal(t, e.PlatformKey, resp.GetPlatformKey())
	_, err = w.Commit.Redeem(t.Context(), w.Operator, request(t, m, claim))
	require.Equal(t, typev1.Reason_REASON_GRANT_CONSUMED, errs.ReasonOf(err), "the first grant stays used up")
}

func TestUnknownEffectThatStaysUncertainIsParkedForAPerson(t *testing.T) {
	w, m, _ := sendingThenLost(t)
	for w.Effects(w.Operator)[0].State == "unknown" {
		q := lookup(t, w)
		w.Finish(w.Operator, committest.Success(q, w.Claim(q), `{"outcome":"uncertain","why":"the platform answers from behind"}`))
	}
	e := w.Effects(w.Operator)[0]
	require.Equal(t, "parked", e.State)
	require.Empty(t, w.Take(w.Operator), "a parked effect is nobody's but a person's")
	_, err := w.Commit.ResolveEffect(t.Context(), w.Reviewer, e.ID, e.StateVersion, true, "https://example.org/seen", "I see it on the timeline")
	require.NoError(t, err)
	require.Equal(t, "succeeded", w.Task(w.Operator, m.GetId()).State)
}

// A worker that claims success without a redeemed grant is not believed.
func TestEffectWithoutRedemptionIsParked(t *testing.T) {
	w, m, claim := approved(t)
	r := committest.Success(m, claim, committest.Output(m))
	r.Outcome = busv1.EffectOutcome_EFFECT_OUTCOME_DONE
	w.Finish(w.Operator, r)
	require.Equal(t, "parked", w.Effects(w.Operator)[0].State)
	require.Contains(t, w.SecurityEvents(w.Operator), "effect_without_redemption")
}

func TestCertainlyNotDoneIsTriedAgainUnderTheSameKey(t *testing.T) {
	w, m, claim := approved(t)
	first, err := w.Redeem(w.Operator, m, claim)
	require.NoError(t, err)
	r := committest.Success(m, claim, "")
	r.Status, r.Outcome, r.Retryable = busv1.ResultStatus_RESULT_STATUS_FAILURE, busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE, true
	r.Error = &typev1.ErrorInfo{Reason: typev1.Reason_REASON_RATE_LIMITED, Message: "the platform asks to wait"}
	w.Finish(w.Operator, r)
	w.Exec("update tasks set not_before = now() where id = $1", m.GetId())
	again := w.Execution(w.Operator)
	second, err := w.Redeem(w.Operator, again, w.Claim(again))
	require.NoError(t, err)
	require.Equal(t, first.GetPlatformKey(), second.GetPlatformKey())
}

// An attempt that finds its grant used up did nothing, but another call may have: that is read back, not resent.
func TestGrantUsedUpByAnotherCallIsReadBack(t *testing.T) {
	w, m, claim := approved(t)
	_, err := w.Redeem(w.Operator, m, claim)
	require.NoError(t, err)
	r := committest.Success(m, claim, "")
	r.Status, r.Outcome, r.Retryable = busv1.ResultStatus_RESULT_STATUS_FAILURE, busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE, true
	r.Error = &typev1.ErrorInfo{Reason: typev1.Reason_REASON_GRANT_CONSUMED, Message: "used"}
	w.Finish(w.Operator, r)
	require.Equal(t, "unknown", w.Effects(w.Operator)[0].State)
}

func TestAcceptedToolChangeAsksForApprovalAgain(t *testing.T) {
	w, _ := begin(t)
	w.Approve(w.UntilReview(w.Operator))
	w.Offer("v2")
	require.Empty(t, w.Take(w.Operator), "a changed tool holds its tasks back")
	digest, _ := committest.Descriptor(w, "publisher.publish", "v2")
	_, err := w.Commit.AcceptTool(t.Context(), w.Operator, "publisher.publish", digest, "read the change")
	require.NoError(t, err)
	again := w.UntilReview(w.Operator)
	require.Equal(t, "failed", w.Effects(w.Operator)[0].State)
	w.Approve(again)
	m := w.Execution(w.Operator)
	require.Equal(t, digest, m.GetSpec().GetToolDigest())
	_, err = w.Redeem(w.Operator, m, w.Claim(m))
	require.NoError(t, err)
}

func TestCancelledCampaignRedeemsNothing(t *testing.T) {
	w, camp := begin(t)
	w.Approve(w.UntilReview(w.Operator))
	m := w.Execution(w.Operator)
	claim := w.Claim(m)
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
		camp, err = tx.CampaignGet(ctx, camp.ID)
		return err
	})
	_, err := w.Commit.CancelCampaign(t.Context(), w.Operator, camp.ID, camp.StateVersion, "off")
	require.NoError(t, err)
	_, err = w.Redeem(w.Operator, m, claim)
	require.Error(t, err)
	require.Equal(t, "failed", w.Effects(w.Operator)[0].State)
}

func TestApprovalKeyAnswersTheFirstCall(t *testing.T) {
	w, _ := begin(t)
	r := w.UntilReview(w.Operator)
	idem := commit.Idempotency{Method: "ApproveReview", Key: "k1", RequestSHA256: "a"}
	approve := func(i commit.Idempotency) error {
		_, err := w.Commit.ApproveReview(t.Context(), w.Reviewer, i, r.ID, r.StateVersion, r.PayloadSHA256, nil, "")
		return err
	}
	require.NoError(t, approve(idem))
	require.NoError(t, approve(idem))
	require.Len(t, w.Effects(w.Operator), 1)
	idem.RequestSHA256 = "b"
	require.Equal(t, typev1.Reason_REASON_IDEMPOTENCY_KEY_REUSED, errs.ReasonOf(approve(idem)))
}

// A post that a person settles by its page has no address on the platform: what would read it back ends, and the
// campaign with it, as done.
func TestHandSettledPostEndsItsCampaign(t *testing.T) {
	w, m, e := sendingThenLost(t)
	_, err := w.Commit.ResolveEffect(t.Context(), w.Reviewer, e.ID, e.StateVersion, true, "https://example.org/seen", "I see it on the timeline")
	require.NoError(t, err)
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		camp, err := tx.CampaignGet(ctx, w.Task(w.Operator, m.GetId()).CampaignID)
		require.Equal(t, "completed", camp.State)
		return err
	})
}

// The platform is read back only after the call must have ended: before that, "not there" would prove nothing.
func TestQuietPeriodCountsFromTheCallsEnd(t *testing.T) {
	set := committest.Settings()
	set.EffectCall = 30 * time.Second
	w := committest.New(t, set)
	w.Offer("v1")
	w.Start(w.Operator, w.Agent, w.Account, 0)
	w.Approve(w.UntilReview(w.Operator))
	m := w.Execution(w.Operator)
	_, err := w.Redeem(w.Operator, m, w.Claim(m))
	require.NoError(t, err)
	w.Exec("update tasks set lease_until = now() - interval '1 second' where id = $1", m.GetId())
	require.NoError(t, w.Commit.Reconcile(t.Context(), w.Operator))
	e := w.Effects(w.Operator)[0]
	require.Equal(t, "unknown", e.State)
	require.True(t, e.ResolveAfter.After(*e.CallDeadline))
}

// A stop that catches an approved post on its way holds it; the release lets it go on.
func TestStoppedExecutionGoesOnAfterTheRelease(t *testing.T) {
	w, m, claim := approved(t)
	stop, err := w.Commit.PressStop(t.Context(), w.Operator, "tenant", "", "drill")
	require.NoError(t, err)
	_, err = w.Redeem(w.Operator, m, claim)
	require.Equal(t, typev1.Reason_REASON_STOPPED, errs.ReasonOf(err))
	r := committest.Success(m, claim, "")
	r.Status, r.Outcome, r.Retryable = busv1.ResultStatus_RESULT_STATUS_FAILURE, busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE, true
	r.Error = &typev1.ErrorInfo{Reason: typev1.Reason_REASON_STOPPED, Message: "stopped"}
	w.Finish(w.Operator, r)
	w.Exec("update tasks set not_before = now() where state = 'ready'")
	require.Empty(t, w.Take(w.Operator))
	_, err = w.Commit.ReleaseStop(t.Context(), w.Operator, stop.ID, stop.StateVersion, "over")
	require.NoError(t, err)
	again := w.Execution(w.Operator)
	_, err = w.Redeem(w.Operator, again, w.Claim(again))
	require.NoError(t, err)
}
