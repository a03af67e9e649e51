package commit_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

func TestStopHoldsDispatchAndRunningWork(t *testing.T) {
	w, _ := begin(t)
	running := w.Take(w.Operator)
	claim := w.Claim(running[0])
	stop, err := w.Commit.PressStop(t.Context(), w.Operator, "tenant", "", "drill")
	require.NoError(t, err)
	beat, err := w.Commit.Heartbeat(t.Context(), "service:worker", &internalv1.HeartbeatRequest{WorkerId: "w1", Items: []*internalv1.HeartbeatItem{{TenantId: running[0].GetTenantId(), TaskId: running[0].GetId(), Epoch: claim.GetEpoch()}}})
	require.NoError(t, err)
	require.Equal(t, typev1.Reason_REASON_STOPPED, beat.GetOutcomes()[0].GetReason())
	require.Equal(t, typev1.Reason_REASON_STOPPED, w.Claim(running[1]).GetReason())
	require.Empty(t, w.Take(w.Operator))
	_, err = w.Commit.ReleaseStop(t.Context(), w.Operator, stop.ID, stop.StateVersion, "over")
	require.NoError(t, err)
	require.NotEmpty(t, w.Take(w.Operator))
}

// R10.5: a stop is quiet when no call under it runs any more, not before, and the chain and the switch say when.
func TestStopIsQuietWhenTheLastCallHasEnded(t *testing.T) {
	w, _ := begin(t)
	m := w.Take(w.Operator)[0]
	claim := w.Claim(m)
	stop := press(t, w)
	require.EqualValues(t, 1, stop.Ending, "the press itself says what is still running")
	require.Nil(t, look(t, w, stop.ID).QuietAt, "a call is running")
	_, err := w.Commit.RecordResult(t.Context(), w.Operator, committest.Success(m, claim, committest.Output(m)))
	require.NoError(t, err)
	quiet := becomesQuiet(t, w, stop.ID)
	require.Zero(t, quiet.Ending)
	require.True(t, quiet.QuietAt.After(quiet.PressedAt))
	require.Equal(t, stop.StateVersion, quiet.StateVersion, "who releases needs not have seen it")
	require.Equal(t, quiet.QuietAt, look(t, w, stop.ID).QuietAt, "it is said once")
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
		said, err := tx.AuditList(ctx, store.AuditFilter{Action: "stop.quiet"}, 0, 10)
		require.Len(t, said, 1)
		require.Equal(t, stop.ID, said[0].ObjectID)
		return err
	})
}

// With the bus away no result comes: the worker's heartbeat says that the call is over.
func TestStopIsQuietWithoutTheResult(t *testing.T) {
	w, _ := begin(t)
	m := w.Take(w.Operator)[0]
	claim := w.Claim(m)
	stop := press(t, w)
	require.Equal(t, typev1.Reason_REASON_STOPPED, beat(t, w, m, claim.GetEpoch(), false))
	require.Nil(t, look(t, w, stop.ID).QuietAt, "told to end, but not ended")
	require.Equal(t, typev1.Reason_REASON_STALE_EPOCH, beat(t, w, m, claim.GetEpoch()+1, true))
	require.Nil(t, look(t, w, stop.ID).QuietAt, "another attempt's word counts for nothing")
	require.Equal(t, typev1.Reason_REASON_STOPPED, beat(t, w, m, claim.GetEpoch(), true))
	becomesQuiet(t, w, stop.ID)
}

// A transaction that began before the press cannot see the switch: while one is open, a call may still start.
func TestStopIsNotQuietWhileAnOlderTransactionIsOpen(t *testing.T) {
	w, _ := begin(t)
	db, err := sql.Open("pgx", w.URL)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	older, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = older.ExecContext(t.Context(), "select pg_current_xact_id()")
	require.NoError(t, err)
	stop := press(t, w)
	require.Nil(t, look(t, w, stop.ID).QuietAt)
	require.NoError(t, older.Rollback())
	becomesQuiet(t, w, stop.ID)
}

// Another campaign's calls do not keep a campaign's stop from being quiet; a released one is never quiet.
func TestStopIsQuietByItsOwnScope(t *testing.T) {
	w, camp := begin(t)
	m := w.Take(w.Operator)[0]
	require.True(t, w.Claim(m).GetGranted())
	other := w.Start(w.Operator, w.Agent, w.Account, 0)
	elsewhere, err := w.Commit.PressStop(t.Context(), w.Operator, "campaign", other.ID, "drill")
	require.NoError(t, err)
	here, err := w.Commit.PressStop(t.Context(), w.Operator, "campaign", camp.ID, "drill")
	require.NoError(t, err)
	becomesQuiet(t, w, elsewhere.ID)
	require.Nil(t, look(t, w, here.ID).QuietAt)
	_, err = w.Commit.ReleaseStop(t.Context(), w.Operator, here.ID, here.StateVersion, "over")
	require.NoError(t, err)
	w.Exec("update tasks set lease_until = now() - interval '1 second' where state = 'running'")
	require.Nil(t, look(t, w, here.ID).QuietAt, "released before it was quiet")
}

func press(t *testing.T, w *committest.World) store.Stop {
	t.Helper()
	stop, err := w.Commit.PressStop(t.Context(), w.Operator, "tenant", "", "drill")
	require.NoError(t, err)
	return stop
}

// look is one round of the orchestrator's own, and what the switch says after it.
func look(t *testing.T, w *committest.World, id string) (stop store.Stop) {
	t.Helper()
	require.NoError(t, w.Commit.NoteQuiet(t.Context(), w.Operator))
	w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) (err error) {
		stop, err = tx.StopGet(ctx, id)
		return err
	})
	return stop
}

// becomesQuiet looks until it is: other tests' transactions on the same server are older ones, too.
func becomesQuiet(t *testing.T, w *committest.World, id string) (stop store.Stop) {
	t.Helper()
	require.Eventually(t, func() bool {
		stop = look(t, w, id)
		return stop.QuietAt != nil
	}, 5*time.Second, 10*time.Millisecond)
	return stop
}

func beat(t *testing.T, w *committest.World, m *busv1.Task, epoch int64, ended bool) typev1.Reason {
	t.Helper()
	answer, err := w.Commit.Heartbeat(t.Context(), "service:worker", &internalv1.HeartbeatRequest{WorkerId: "w1", Items: []*internalv1.HeartbeatItem{
		{TenantId: m.GetTenantId(), TaskId: m.GetId(), Epoch: epoch, CallEnded: ended},
	}})
	require.NoError(t, err)
	return answer.GetOutcomes()[0].GetReason()
}
