package commit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

// Duplicate delivery ×10: one claim is granted, one result counts, one verdict is applied.
func TestDuplicatesRunOnce(t *testing.T) {
	w, _ := begin(t)
	m := w.Take(w.Operator)[0]
	granted := 0
	var claim *internalv1.ClaimOutcome
	for range 10 {
		if o := w.Claim(m); o.GetGranted() {
			granted, claim = granted+1, o
		}
	}
	require.Equal(t, 1, granted)
	r := committest.Success(m, claim, committest.Output(m))
	var d *busv1.ReviewDecision
	for range 10 {
		recorded, err := w.Commit.RecordResult(t.Context(), w.Operator, r)
		require.NoError(t, err)
		if recorded.Decision != nil {
			require.Nil(t, d)
			d = recorded.Decision
		}
	}
	for range 10 {
		require.NoError(t, w.Commit.ApplyDecision(t.Context(), w.Operator, d))
	}
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		results, err := tx.ResultList(ctx, m.GetId())
		require.NoError(t, err)
		require.Len(t, results, 1)
		decisions, err := tx.DecisionList(ctx, m.GetId())
		require.Len(t, decisions, 1)
		return err
	})
}

func TestForgedMessagesAreRefused(t *testing.T) {
	w, _ := begin(t)
	other, _ := w.Tenant("borealis")
	m := w.Take(w.Operator)[0]
	claim := func(tenant, task, digest string, epoch int64) typev1.Reason {
		resp, err := w.Commit.Claim(t.Context(), "service:worker", &internalv1.ClaimTasksRequest{WorkerId: "w1", Items: []*internalv1.ClaimItem{{TenantId: tenant, TaskId: task, Epoch: epoch, SpecDigest: digest}}})
		require.NoError(t, err)
		require.False(t, resp.GetOutcomes()[0].GetGranted())
		return resp.GetOutcomes()[0].GetReason()
	}
	digest := m.GetVersion().GetSpecDigest()
	require.Equal(t, typev1.Reason_REASON_NOT_FOUND, claim(string(other.Tenant), m.GetId(), digest, 0), "another tenant's task")
	require.Equal(t, typev1.Reason_REASON_DIGEST_MISMATCH, claim(m.GetTenantId(), m.GetId(), grant.Hex([]byte("other bytes")), 0))
	require.Equal(t, typev1.Reason_REASON_STALE_EPOCH, claim(m.GetTenantId(), m.GetId(), digest, 7))
	require.Equal(t, typev1.Reason_REASON_NOT_FOUND, claim("0190b0a0-0000-7000-8000-00000000000c", m.GetId(), digest, 0), "a tenant that does not exist")
	require.Contains(t, w.SecurityEvents(w.Operator), "forged_task_message")
	require.Contains(t, w.SecurityEvents(other), "forged_task_message")
	require.True(t, w.Claim(m).GetGranted(), "the real message still works")
}

// A zombie's result is refused after its lease was given on, and audited.
func TestZombieIsFenced(t *testing.T) {
	w, _ := begin(t)
	m := w.Take(w.Operator)[0]
	zombie := w.Claim(m)
	w.Exec("update tasks set lease_until = now() - interval '1 second' where id = $1", m.GetId())
	require.NoError(t, w.Commit.Reconcile(t.Context(), w.Operator))
	late := committest.Success(m, zombie, committest.Output(m))
	_, err := w.Commit.RecordResult(t.Context(), w.Operator, late)
	require.Equal(t, typev1.Reason_REASON_STALE_EPOCH, errs.ReasonOf(err))
	w.Exec("update tasks set not_before = now() where id = $1", m.GetId())
	for _, again := range w.Take(w.Operator) {
		w.Do(w.Operator, again)
	}
	_, err = w.Commit.RecordResult(t.Context(), w.Operator, late)
	require.Equal(t, typev1.Reason_REASON_STALE_EPOCH, errs.ReasonOf(err))
	beat, err := w.Commit.Heartbeat(t.Context(), "service:worker", &internalv1.HeartbeatRequest{WorkerId: "w1", Items: []*internalv1.HeartbeatItem{{TenantId: m.GetTenantId(), TaskId: m.GetId(), Epoch: zombie.GetEpoch()}}})
	require.NoError(t, err)
	require.False(t, beat.GetOutcomes()[0].GetKeep())
}

// A task that kills its worker ends as a dead letter after its attempts; neighbours go on; its replay works once.
func TestPoisonTaskIsParked(t *testing.T) {
	w, _ := begin(t)
	var killer string
	for range 40 {
		for _, m := range w.Take(w.Operator) {
			if m.GetSpec().GetTool() != "trends.collect" {
				w.Do(w.Operator, m)
				continue
			}
			killer = m.GetId()
			require.True(t, w.Claim(m).GetGranted())
			w.Exec("update tasks set lease_until = now() - interval '1 second' where id = $1", killer)
		}
		require.NoError(t, w.Commit.Reconcile(t.Context(), w.Operator))
		w.Exec("update tasks set not_before = now() where state = 'ready'")
	}
	require.Equal(t, "failed", w.Task(w.Operator, killer).State)
	var letters []store.DeadLetter
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
		letters, err = tx.DeadLetterList(ctx, "open", "", 10)
		return err
	})
	require.Len(t, letters, 1)
	_, err := w.Commit.CloseDeadLetter(t.Context(), w.Operator, letters[0].ID, letters[0].StateVersion, "replayed", "the tool was mended")
	require.NoError(t, err)
	_, err = w.Commit.CloseDeadLetter(t.Context(), w.Operator, letters[0].ID, letters[0].StateVersion, "replayed", "again")
	require.Equal(t, errs.Conflict, errs.KindOf(err))
	_, err = w.Commit.RetryTask(t.Context(), w.Operator, killer, w.Task(w.Operator, killer).StateVersion)
	require.NoError(t, err)
	w.UntilReview(w.Operator)
}

// R12.3: the bus holds a bounded window whatever the backlog, and lost messages are found again.
func TestWindowAndLostDispatches(t *testing.T) {
	w, _ := begin(t)
	for range 3 {
		w.Start(w.Operator, w.Agent, w.Account, 0)
	}
	first, err := w.Commit.TakeReady(t.Context(), w.Operator, 3)
	require.NoError(t, err)
	require.Len(t, first, 3)
	more, err := w.Commit.TakeReady(t.Context(), w.Operator, 3)
	require.NoError(t, err)
	require.Empty(t, more)
	time.Sleep(20 * time.Millisecond)
	lost, err := w.Commit.LostDispatches(t.Context(), w.Operator, 10*time.Millisecond)
	require.NoError(t, err)
	require.Len(t, lost, 3)
}

func TestStaleVersionsAreConflicts(t *testing.T) {
	w, camp := begin(t)
	_, err := w.Commit.PauseCampaign(t.Context(), w.Operator, camp.ID, camp.StateVersion-1, "")
	require.Equal(t, typev1.Reason_REASON_STALE_VERSION, errs.ReasonOf(err))
	_, err = w.Commit.UpdatePersona(t.Context(), w.Operator, w.Agent.ID, w.Agent.StateVersion+1, nil)
	require.Equal(t, typev1.Reason_REASON_STALE_VERSION, errs.ReasonOf(err))
	_, err = w.Commit.UpdatePolicy(t.Context(), w.Operator, 7, commit.DefaultPolicy())
	require.Equal(t, typev1.Reason_REASON_STALE_VERSION, errs.ReasonOf(err))
}

// R14.3: tampering with a row as superuser is found, and named.
func TestTamperingIsFound(t *testing.T) {
	w, _ := begin(t)
	_, err := w.Commit.Checkpoint(t.Context(), w.Operator)
	require.NoError(t, err)
	require.Nil(t, verify(t, w, w.Operator))
	w.Exec("alter table audit_entries disable trigger append_only")
	w.Exec("update audit_entries set actor = 'nobody' where tenant_id = $1 and seq = 3", string(w.Operator.Tenant))
	finding := verify(t, w, w.Operator)
	require.NotNil(t, finding)
	require.EqualValues(t, 3, finding.Seq)
}

// R14.1: what a call sets going is sent within that call's trace, whoever sends it and when.
func TestTaskIsSentInTheTraceOfTheCallThatMadeIt(t *testing.T) {
	w, camp := begin(t)
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
		camp, err = tx.CampaignGet(ctx, camp.ID)
		return err
	})
	_, err := w.Commit.CancelCampaign(t.Context(), w.Operator, camp.ID, camp.StateVersion, "anew")
	require.NoError(t, err)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	called := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": parent})
	_, err = w.Commit.StartCampaign(called, w.Operator, camp.ID, camp.StateVersion+1)
	require.NoError(t, err)
	taken, err := w.Commit.TakeReady(t.Context(), w.Operator, 10)
	require.NoError(t, err)
	require.NotEmpty(t, taken)
	for _, o := range taken {
		require.Equal(t, parent, o.Traceparent)
	}
}

func TestFeedWithAPasswordIsRefused(t *testing.T) {
	w, _ := begin(t)
	_, err := w.Commit.CreateCampaign(t.Context(), w.Operator, commit.Idempotency{}, store.Campaign{AgentID: w.Agent.ID, Name: "private", Goal: "g", Playbook: "trend-post"},
		&platformv1.CampaignParameters{Feeds: []string{"https://reader:hunter2@example.org/feed.xml"}}, []string{w.Account.ID})
	require.Equal(t, errs.Invalid, errs.KindOf(err))
	require.NotContains(t, err.Error(), "hunter2")
}
