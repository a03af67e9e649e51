package commit_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
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

// claimAll claims many tenants' messages in one call.
func claimAll(t *testing.T, w *committest.World, messages []*busv1.Task) []*internalv1.ClaimOutcome {
	t.Helper()
	req := &internalv1.ClaimTasksRequest{WorkerId: "w1"}
	for _, m := range messages {
		digest, err := grant.SpecDigest(m.GetSpec())
		require.NoError(t, err)
		req.Items = append(req.Items, &internalv1.ClaimItem{TenantId: m.GetTenantId(), TaskId: m.GetId(), Epoch: m.GetVersion().GetEpoch(), SpecDigest: digest})
	}
	resp, err := w.Commit.Claim(t.Context(), "service:worker", req)
	require.NoError(t, err)
	return resp.GetOutcomes()
}

// twoTenants runs a campaign in each and answers all that can start.
func twoTenants(t *testing.T) (*committest.World, []tenancy.Scope, []*busv1.Task) {
	w, _ := begin(t)
	other, _ := w.Tenant("borealis")
	agent, account := w.Fleet(other)
	w.Start(other, agent, account, 0)
	return w, []tenancy.Scope{w.Operator, other}, append(w.Take(w.Operator), w.Take(other)...)
}

func incoming(messages []*busv1.Task, claims []*internalv1.ClaimOutcome) []commit.Incoming {
	in := make([]commit.Incoming, len(messages))
	for i, m := range messages {
		in[i] = commit.Incoming{Scope: tenancy.Scope{Tenant: tenancy.ID(m.GetTenantId()), Actor: "system:judge", RequestID: m.GetContext().GetRequestId()}, Result: committest.Success(m, claims[i], committest.Output(m))}
	}
	return in
}

// R9.4, decision 0050: claims, results and verdicts of two tenants share transactions, and nothing else.
func TestBatchOfManyTenantsKeepsThemApart(t *testing.T) {
	w, tenants, messages := twoTenants(t)
	require.Len(t, messages, 4)
	// Interleaved, as they come from the bus.
	messages[1], messages[2] = messages[2], messages[1]
	claims := claimAll(t, w, messages)
	for i, c := range claims {
		require.True(t, c.GetGranted(), c.GetReason())
		require.Equal(t, messages[i].GetId(), c.GetTaskId())
	}
	in := incoming(messages, claims)
	for _, r := range w.Commit.RecordResults(t.Context(), in) {
		require.NoError(t, r.Err)
		require.True(t, r.Applied)
	}
	for n, sc := range tenants {
		require.Nil(t, verify(t, w, sc), "each tenant's chain holds")
		w.Read(sc, func(ctx context.Context, tx *store.Tx) error {
			entries, err := tx.AuditList(ctx, store.AuditFilter{Action: "task.approved"}, 0, 10)
			require.NoError(t, err)
			require.Len(t, entries, 2)
			for _, e := range entries {
				require.Equal(t, []string{"req-aurora", "req-borealis"}[n], e.RequestID, "an entry names its own request")
			}
			return nil
		})
		require.Len(t, w.Take(sc), 1, "what waited for the two is ready")
	}
	// Another tenant's task under the right id is nobody's.
	in[0].Scope, in[0].Result.TenantId = tenants[1], string(tenants[1].Tenant)
	require.Equal(t, errs.NotFound, errs.KindOf(w.Commit.RecordResults(t.Context(), in[:1])[0].Err))
}

// One bad row does not fail its neighbours: a result under an id that is taken is refused alone.
func TestBatchIsHalvedUntilTheBadOneStandsAlone(t *testing.T) {
	w, _, messages := twoTenants(t)
	in := incoming(messages, claimAll(t, w, messages))
	in[1].Result.Id = in[0].Result.GetId()
	out := w.Commit.RecordResults(t.Context(), in)
	for i, r := range out {
		if i == 1 {
			require.Equal(t, typev1.Reason_REASON_ALREADY_EXISTS, errs.ReasonOf(r.Err))
			require.Equal(t, "running", w.Task(in[i].Scope, messages[i].GetId()).State)
			continue
		}
		require.NoError(t, r.Err)
		require.Equal(t, "succeeded", w.Task(in[i].Scope, messages[i].GetId()).State)
	}
}

// An echo in the same batch sees what the first one did.
func TestOneTaskTwiceInABatch(t *testing.T) {
	w, _, messages := twoTenants(t)
	claims := claimAll(t, w, []*busv1.Task{messages[0], messages[0]})
	require.True(t, claims[0].GetGranted())
	require.Equal(t, typev1.Reason_REASON_STALE_EPOCH, claims[1].GetReason())
	in := incoming(messages[:1], claims)
	out := w.Commit.RecordResults(t.Context(), []commit.Incoming{in[0], in[0], in[0]})
	require.True(t, out[0].Applied)
	for _, r := range out[1:] {
		require.NoError(t, r.Err)
		require.Nil(t, r.Decision, "an echo is not judged again")
	}
	require.Equal(t, "succeeded", w.Task(w.Operator, messages[0].GetId()).State)
	require.Nil(t, verify(t, w, w.Operator))
}

// Decision 0079: a step that is done succeeds with its result, and has its verdict and its audit entry. Its verdict on the
// bus, be it that very one, a second or a forged one, changes nothing.
func TestAStepSucceedsWithItsResult(t *testing.T) { // R7.3, R10.5
	w, _, messages := twoTenants(t)
	in := incoming(messages, claimAll(t, w, messages))
	out := w.Commit.RecordResults(t.Context(), in)
	for i, r := range out {
		require.NoError(t, r.Err)
		require.True(t, r.Applied)
		task := w.Task(in[i].Scope, messages[i].GetId())
		require.Equal(t, "succeeded", task.State)
		require.Equal(t, task.StateVersion, r.Task.StateVersion)
		require.Equal(t, r.Decision.GetTaskStateVersion()+1, task.StateVersion, "the verdict names the version it judged")
		w.Read(in[i].Scope, func(ctx context.Context, tx *store.Tx) error {
			kept, err := tx.DecisionList(ctx, task.ID)
			require.Len(t, kept, 1)
			require.Equal(t, r.Decision.GetId(), kept[0].ID)
			return err
		})
	}
	second, forged := proto.CloneOf(out[0].Decision), proto.CloneOf(out[0].Decision)
	second.Id, forged.ResultId = uuid.NewString(), out[1].Decision.GetResultId()
	sc := in[0].Scope
	said := w.Commit.ApplyDecisions(t.Context(), []commit.Verdict{{Scope: sc, Decision: out[0].Decision}, {Scope: sc, Decision: second}, {Scope: sc, Decision: forged}})
	require.NoError(t, said[0], "applied before")
	require.Equal(t, typev1.Reason_REASON_STALE_VERSION, errs.ReasonOf(said[1]))
	require.Equal(t, errs.Denied, errs.KindOf(said[2]))
	require.Nil(t, verify(t, w, sc))
}

// Decision 0079: whatever has other consequences than success goes over the review queue, as it is judged.
func TestOtherVerdictsAreNotAppliedWithTheResult(t *testing.T) { // R10.3, R10.5
	w, _, messages := twoTenants(t)
	in := incoming(messages, claimAll(t, w, messages))
	in[0].Result.Status, in[0].Result.Error = busv1.ResultStatus_RESULT_STATUS_FAILURE, &typev1.ErrorInfo{Reason: typev1.Reason_REASON_TIMEOUT, Message: "no"}
	in[0].Result.Retryable, in[0].Result.OutputJson = true, nil
	out := w.Commit.RecordResults(t.Context(), in[:1])
	require.NoError(t, out[0].Err)
	require.False(t, out[0].Applied)
	require.NotEqual(t, busv1.Verdict_VERDICT_APPROVED, out[0].Decision.GetVerdict())
	require.Equal(t, "judging", w.Task(in[0].Scope, messages[0].GetId()).State)
	require.NoError(t, w.Commit.ApplyDecision(t.Context(), in[0].Scope, out[0].Decision))
	require.Equal(t, "ready", w.Task(in[0].Scope, messages[0].GetId()).State, "the second attempt")
	for _, r := range w.Commit.RecordResults(t.Context(), in[1:]) {
		require.True(t, r.Applied)
	}
}

// R10.2: results of one campaign that come together are judged by what all of them cost.
func TestABatchDoesNotPassTheBudgetTogether(t *testing.T) {
	w, _ := begin(t)
	messages := w.Take(w.Operator)
	w.Exec("update campaigns set budget_micros = 100")
	w.Exec("update tasks set max_cost_micros = 100")
	in := incoming(messages[:2], claimAll(t, w, messages[:2]))
	for _, i := range in {
		i.Result.Usage.CostMicros = 60
	}
	for _, r := range w.Commit.RecordResults(t.Context(), in) {
		require.NoError(t, r.Err)
		require.False(t, r.Applied)
		require.Equal(t, busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW, r.Decision.GetVerdict())
	}
}

// Decision 0051: starting a campaign, and every verdict after it, sends what it readied by itself.
func TestTransactionsDispatchWhatTheyReady(t *testing.T) {
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	out := w.Commit.Dispatch(100)
	w.Commit.OpenOutbox(true)
	w.Start(w.Operator, w.Agent, w.Account, 0)
	first := <-out
	require.Len(t, first, 2)
	require.Empty(t, w.Take(w.Operator), "they are queued already")
	for _, m := range first {
		w.Do(w.Operator, m.Task)
	}
	require.Len(t, <-out, 1, "the draft, once both its inputs are there")
	require.Empty(t, out)
}

func TestShutOutboxLeavesTasksReady(t *testing.T) {
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	out := w.Commit.Dispatch(100)
	w.Start(w.Operator, w.Agent, w.Account, 0)
	require.Empty(t, out)
	require.Len(t, w.Take(w.Operator), 2)
}

// Decision 0077: the doorbell rings for what a transaction left ready or no longer holds back, and for nothing else.
func TestTheBellRingsForWhatIsLeft(t *testing.T) {
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	out := w.Commit.Dispatch(100)
	rang := func() bool {
		select {
		case <-w.Commit.Changed():
			return true
		default:
			return false
		}
	}
	shut := w.Start(w.Operator, w.Agent, w.Account, 0)
	require.True(t, rang(), "with the outbox shut, what is ready is left to the dispatcher")
	w.Commit.OpenOutbox(true)
	for _, m := range w.Take(w.Operator) {
		w.Do(w.Operator, m)
	}
	require.Len(t, <-out, 1)
	require.False(t, rang(), "a step's end sends what it readied itself")
	w.Start(w.Operator, w.Agent, w.Account, 0)
	require.Len(t, <-out, 2)
	require.False(t, rang(), "so does a new campaign")

	stop, err := w.Commit.PressStop(t.Context(), w.Operator, "tenant", "", "drill")
	require.NoError(t, err)
	require.False(t, rang(), "a stop readies nothing")
	_, err = w.Commit.ReleaseStop(t.Context(), w.Operator, stop.ID, stop.StateVersion, "over")
	require.NoError(t, err)
	require.True(t, rang())
	var version int64
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		camp, err := tx.CampaignGet(ctx, shut.ID)
		version = camp.StateVersion
		return err
	})
	paused, err := w.Commit.PauseCampaign(t.Context(), w.Operator, shut.ID, version, "wait")
	require.NoError(t, err)
	require.False(t, rang())
	_, err = w.Commit.ResumeCampaign(t.Context(), w.Operator, paused.ID, paused.StateVersion, "go on")
	require.NoError(t, err)
	require.True(t, rang())
}

// Room that a result makes is given to what waited for it, and the window holds.
func TestRoomIsGivenOn(t *testing.T) {
	w := committest.New(t, committest.Settings())
	w.Offer("v1")
	out := w.Commit.Dispatch(1)
	w.Commit.OpenOutbox(true)
	w.Start(w.Operator, w.Agent, w.Account, 0)
	first := <-out
	require.Len(t, first, 1)
	require.Empty(t, out)
	w.Do(w.Operator, first[0].Task)
	require.Len(t, <-out, 1)
}

// Decision 0052: whoever moves tasks, by whatever statement, is counted.
func TestCountersFollowEveryWriter(t *testing.T) {
	w, _, messages := twoTenants(t)
	counted := func() {
		t.Helper()
		w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
			counts, err := tx.StateCounts(ctx)
			require.NoError(t, err)
			open := map[string]int64{}
			tasks, err := tx.TaskList(ctx, "", "", "", 1000)
			for _, k := range tasks {
				if k.State != "succeeded" && k.State != "cancelled" {
					open[k.State]++
				}
			}
			require.Equal(t, open, counts)
			return err
		})
	}
	counted()
	w.Do(w.Operator, messages[0])
	counted()
	w.Exec("update tasks set state = 'ready' where state = 'queued'")
	counted()
	require.NoError(t, w.Commit.FoldCounts(t.Context(), []tenancy.ID{w.Operator.Tenant}))
	counted()
	all, err := w.Store.OpenTaskCounts(t.Context(), 10)
	require.NoError(t, err)
	require.NotEmpty(t, all)
	left, err := w.Store.TenantsUncounted(t.Context(), 10)
	require.NoError(t, err)
	require.NotContains(t, left, w.Operator.Tenant)
}
