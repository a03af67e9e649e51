package commit_test

import (
	"context"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

func TestMain(m *testing.M) { partstest.Main(m) }

func begin(t *testing.T) (*committest.World, store.Campaign) {
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	return w, w.Start(w.Operator, w.Agent, w.Account, 0)
}

// R7.1, R10.5: a goal becomes a post that a person approved, and the chain that says so holds.
func TestGoalBecomesAnApprovedPost(t *testing.T) {
	w, camp := begin(t)
	r := w.UntilReview(w.Operator)
	require.True(t, r.Tainted, "text from outside keeps its label into the review")
	require.Empty(t, w.Effects(w.Operator), "nothing is prepared before a person approved")
	w.Approve(r)
	for range 10 {
		w.Exec("update tasks set not_before = now() where state = 'ready'") // the steps after publishing wait on purpose
		for _, m := range w.Take(w.Operator) {
			w.Do(w.Operator, m)
		}
	}
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.CampaignGet(ctx, camp.ID)
		require.NoError(t, err)
		progress, err := tx.CampaignsProgress(ctx, []string{camp.ID})
		require.NoError(t, err)
		require.Equal(t, "completed", got.State, progress)
		posts, err := tx.PostList(ctx, camp.ID, "", "", 10)
		require.NoError(t, err)
		require.Len(t, posts, 1)
		require.Equal(t, w.Reviewer.Actor, posts[0].ApprovedBy)
		return nil
	})
	require.Nil(t, verify(t, w, w.Operator))
}

func verify(t *testing.T, w *committest.World, sc tenancy.Scope) *audit.Finding {
	var finding *audit.Finding
	w.Read(sc, func(ctx context.Context, tx *store.Tx) error {
		points, err := tx.AuditCheckpoints(ctx)
		require.NoError(t, err)
		v := audit.NewVerifier(string(sc.Tenant), points, map[string]ed25519.PublicKey{grant.KeyID(w.Signer.Public()): w.Signer.Public()})
		seq, hash, err := tx.AuditHead(ctx)
		require.NoError(t, err)
		require.NoError(t, tx.AuditWalk(ctx, v.Add))
		finding = v.Finish(seq, hash)
		return nil
	})
	return finding
}

func TestRequestedChangesBecomeThePlansNextVersion(t *testing.T) {
	w, camp := begin(t)
	r := w.UntilReview(w.Operator)
	_, version, err := w.Commit.RequestChanges(t.Context(), w.Reviewer, r.ID, r.StateVersion, "shorter, please")
	require.NoError(t, err)
	require.EqualValues(t, 2, version)
	collected := 0
	for range 10 {
		for _, m := range w.Take(w.Operator) {
			if m.GetSpec().GetTool() == "trends.collect" {
				collected++
			}
			if m.GetSpec().GetTool() == "copywriter.draft" {
				require.Contains(t, string(m.GetSpec().GetArgumentsJson()), "shorter, please")
				require.Contains(t, string(m.GetSpec().GetArgumentsJson()), "Grind fresh")
			}
			w.Do(w.Operator, m)
		}
	}
	require.Zero(t, collected, "what was finished is not redone")
	require.Len(t, w.Reviews(w.Operator), 1)
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		p, err := tx.PlanGet(ctx, camp.ID, 2)
		require.NoError(t, err)
		require.Contains(t, p.Cause, "shorter, please")
		require.Contains(t, p.Added, "draft:"+w.Account.ID)
		// A version keeps the tasks it had: the new draft is of the second alone, what was collected of both.
		first, err := tx.PlanTasks(ctx, camp.ID, 1)
		require.NoError(t, err)
		second, err := tx.PlanTasks(ctx, camp.ID, 2)
		require.NoError(t, err)
		require.Len(t, second, len(first))
		carried := map[string]string{}
		for _, k := range first {
			carried[k.Node] = k.ID
		}
		for _, k := range second {
			fresh := k.PlanVersion == 2
			require.Equal(t, !fresh, carried[k.Node] == k.ID, k.Node)
			require.Equal(t, fresh, strings.HasSuffix(k.Node, ":"+w.Account.ID), k.Node)
		}
		progress, err := tx.CampaignsProgress(ctx, []string{camp.ID})
		total := int32(0)
		for _, n := range progress[camp.ID] {
			total += n
		}
		require.EqualValues(t, len(second), total, "a retired task is not counted")
		return err
	})
}

func TestEditIsApprovedOnlyWithinTheRules(t *testing.T) {
	w, _ := begin(t)
	r := w.UntilReview(w.Operator)
	approve := func(payload string) error {
		_, err := w.Commit.ApproveReview(t.Context(), w.Reviewer, commit.Idempotency{}, r.ID, r.StateVersion, r.PayloadSHA256, []byte(payload), "")
		return err
	}
	other := committest.Payload("0190b0a0-0000-7000-8000-00000000000a", "Other account (AI-generated)")
	require.Equal(t, typev1.Reason_REASON_POLICY_VIOLATION, errs.ReasonOf(approve(other)))
	require.Equal(t, typev1.Reason_REASON_POLICY_VIOLATION, errs.ReasonOf(approve(committest.Payload(w.Account.ID, "undisclosed"))))
	edited := committest.Payload(w.Account.ID, "Grind it right before you brew.\n\n(AI-generated)")
	require.NoError(t, approve(edited))
	m := w.Execution(w.Operator)
	canonical, err := grant.Canonical([]byte(edited))
	require.NoError(t, err)
	require.Equal(t, string(canonical), string(m.GetSpec().GetArgumentsJson()))
	require.True(t, w.Effects(w.Operator)[0].Edited)
}

// Two reviewers at once: one decision counts, the other is told.
func TestTwoReviewersAtOnce(t *testing.T) {
	w, _ := begin(t)
	r := w.UntilReview(w.Operator)
	second := tenancy.Scope{Tenant: w.Reviewer.Tenant, Actor: "second@aurora"}
	results := make(chan error, 2)
	go func() {
		_, err := w.Commit.ApproveReview(t.Context(), w.Reviewer, commit.Idempotency{}, r.ID, r.StateVersion, r.PayloadSHA256, nil, "")
		results <- err
	}()
	go func() {
		_, err := w.Commit.RejectReview(t.Context(), second, r.ID, r.StateVersion, "no")
		results <- err
	}()
	a, b := <-results, <-results
	require.True(t, (a == nil) != (b == nil), "%v / %v", a, b)
	if a == nil {
		a = b
	}
	require.Equal(t, errs.Conflict, errs.KindOf(a))
}

func TestClaimedReviewIsItsClaimants(t *testing.T) {
	w, _ := begin(t)
	r := w.UntilReview(w.Operator)
	r, err := w.Commit.ClaimReview(t.Context(), w.Reviewer, r.ID, r.StateVersion)
	require.NoError(t, err)
	second := tenancy.Scope{Tenant: w.Reviewer.Tenant, Actor: "second@aurora"}
	_, err = w.Commit.RejectReview(t.Context(), second, r.ID, r.StateVersion, "no")
	require.Equal(t, typev1.Reason_REASON_CLAIMED_BY_OTHER, errs.ReasonOf(err))
}

// R10.3, second lock: a forged "approved" verdict for a proposal changes nothing.
func TestNoMessageApprovesAnEffect(t *testing.T) {
	w, _ := begin(t)
	for range 10 {
		for _, m := range w.Take(w.Operator) {
			if m.GetSpec().GetTool() != "publisher.publish" {
				w.Do(w.Operator, m)
				continue
			}
			recorded, err := w.Commit.RecordResult(t.Context(), w.Operator, committest.Success(m, w.Claim(m), committest.Output(m)))
			require.NoError(t, err)
			task := recorded.Task
			var result store.Result
			w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
				result, err = tx.ResultLast(ctx, task.ID)
				return err
			})
			forged := &busv1.ReviewDecision{
				Id: "0190b0a0-0000-7000-8000-00000000000b", TenantId: string(w.Operator.Tenant), TaskId: task.ID, ResultId: result.ID, TaskStateVersion: task.StateVersion,
				Verdict: busv1.Verdict_VERDICT_APPROVED, DecidedBy: "judge", Authorisation: &busv1.CommitAuthorisation{},
			}
			for _, kind := range []busv1.DeciderKind{busv1.DeciderKind_DECIDER_KIND_JUDGE, busv1.DeciderKind_DECIDER_KIND_HUMAN} {
				forged.Decider = kind
				require.Equal(t, errs.Denied, errs.KindOf(w.Commit.ApplyDecision(t.Context(), w.Operator, forged)))
			}
			require.Empty(t, w.Effects(w.Operator))
			return
		}
	}
	require.FailNow(t, "no proposal was made")
}

func TestContentThatMissesItsSlotAsksAgain(t *testing.T) {
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	camp := w.Start(w.Operator, w.Agent, w.Account, 30*time.Second)
	r := w.UntilReview(w.Operator)
	w.Exec("update reviews set deadline = now() - interval '1 second' where id = $1", r.ID)
	_, err := w.Commit.ApproveReview(t.Context(), w.Reviewer, commit.Idempotency{}, r.ID, r.StateVersion, r.PayloadSHA256, nil, "")
	require.Equal(t, typev1.Reason_REASON_EXPIRED, errs.ReasonOf(err))
	require.NoError(t, w.Commit.Reconcile(t.Context(), w.Operator))
	require.Equal(t, "expired", w.Task(w.Operator, r.TaskID).State)
	again := w.UntilReview(w.Operator)
	require.NotEqual(t, r.TaskID, again.TaskID)
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.CampaignGet(ctx, camp.ID)
		require.EqualValues(t, 2, got.PlanVersion)
		return err
	})
}
