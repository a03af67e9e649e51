package commit_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/orchestrator/internal/commit/committest"
)

func failure(m *busv1.Task, claim *internalv1.ClaimOutcome, reason typev1.Reason) *busv1.Result {
	r := committest.Success(m, claim, "")
	r.Id, r.Status, r.OutputJson, r.FinishedAt = uuid.Must(uuid.NewV7()).String(), busv1.ResultStatus_RESULT_STATUS_FAILURE, nil, timestamppb.Now()
	r.Error, r.Retryable = &typev1.ErrorInfo{Reason: reason, Message: "the skill cannot be reached"}, true
	return r
}

// R7.2: what came from outside taints the task, and another attempt of it is still the same task: its claim is no forgery.
func TestTaintedTaskIsTriedAgain(t *testing.T) {
	w, _ := begin(t)
	for _, m := range w.Take(w.Operator) {
		if m.GetSpec().GetTool() != "trends.collect" {
			continue
		}
		w.Finish(w.Operator, failure(m, w.Claim(m), typev1.Reason_REASON_UNAVAILABLE))
		require.Equal(t, "ready", w.Task(w.Operator, m.GetId()).State)
		require.True(t, w.Task(w.Operator, m.GetId()).Tainted)
	}
	w.Exec("update tasks set not_before = now() where state = 'ready'")
	again := w.Take(w.Operator)
	require.Len(t, again, 1)
	claim := w.Claim(again[0])
	require.True(t, claim.GetGranted(), claim.GetReason())
	require.EqualValues(t, 2, claim.GetAttempt())
	require.NotContains(t, w.SecurityEvents(w.Operator), "forged_task_message")
}

// R10.5: an approved post whose skill was away before its grant was used is sent by a later attempt, under a new grant:
// whether the worker knows that nothing was done or not, and although its playbook's attempts are used up.
func TestUnredeemedExecutionIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		reason  typev1.Reason
		outcome busv1.EffectOutcome
	}{
		"unclear":  {typev1.Reason_REASON_OUTCOME_UNKNOWN, busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN},
		"not done": {typev1.Reason_REASON_UNAVAILABLE, busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE},
	} {
		t.Run(name, func(t *testing.T) {
			w, m, claim := approved(t)
			w.Exec("update tasks set attempt = max_attempts where state = 'running'")
			r := failure(m, claim, c.reason)
			r.Outcome = c.outcome
			w.Finish(w.Operator, r)
			require.Equal(t, "ready", w.Task(w.Operator, m.GetId()).State)
			require.Equal(t, "prepared", w.Effects(w.Operator)[0].State)
			_, err := w.Redeem(w.Operator, m, claim)
			require.Error(t, err, "the first attempt's grant must be dead: its skill may only be slow")
			w.Exec("update tasks set not_before = now() where state = 'ready'")
			next := w.Execution(w.Operator)
			require.NotEqual(t, m.GetGrant().GetPayload(), next.GetGrant().GetPayload())
			w.Do(w.Operator, next)
			require.Equal(t, "confirmed", w.Effects(w.Operator)[0].State)
		})
	}
}

// R10.5: an approved post whose workers die before its grant is used outlives its playbook's attempts, not any number.
func TestExecutionOutlivesItsWorkers(t *testing.T) {
	w, m, claim := approved(t)
	lose := func(attempt int) {
		w.Exec("update tasks set attempt = $1, lease_until = now() - interval '1 second' where state = 'running'", attempt)
		require.NoError(t, w.Commit.Reconcile(t.Context(), w.Operator))
	}
	lose(3)
	require.Equal(t, "ready", w.Task(w.Operator, m.GetId()).State)
	_, err := w.Redeem(w.Operator, m, claim)
	require.Error(t, err, "the first worker may only be slow: its grant must be dead")
	w.Claim(w.Execution(w.Operator))
	lose(9)
	require.Equal(t, "failed", w.Task(w.Operator, m.GetId()).State)
	require.Contains(t, string(w.Task(w.Operator, m.GetId()).Error), "start the campaign again, or request a new draft")
	require.Equal(t, "failed", w.Effects(w.Operator)[0].State)
}

// R10.5: a redemption is kept and its answer is lost, each time: the skill never had the credential, so nothing was done.
func TestExecutionOutlivesLostAnswers(t *testing.T) {
	w, m, claim := approved(t)
	for _, c := range []struct {
		attempt int32
		state   string
	}{{claim.GetAttempt(), "ready"}, {3, "ready"}, {8, "ready"}, {9, "failed"}} {
		w.Exec("update tasks set attempt = $1 where state = 'running'", c.attempt)
		claim.Attempt = c.attempt
		_, err := w.Redeem(w.Operator, m, claim)
		require.NoError(t, err)
		r := failure(m, claim, typev1.Reason_REASON_UNAVAILABLE)
		r.Outcome = busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE
		w.Finish(w.Operator, r)
		require.Equal(t, c.state, w.Task(w.Operator, m.GetId()).State, "after attempt %d", c.attempt)
		if c.state == "ready" {
			w.Exec("update tasks set not_before = now() where state = 'ready'")
			m = w.Execution(w.Operator)
			claim = w.Claim(m)
			require.True(t, claim.GetGranted(), claim.GetReason())
		}
	}
}

// R10.5: a grant runs out while its task waits on the bus: the approval stands, and another grant is issued for it.
func TestGrantThatRanOutIsReplaced(t *testing.T) {
	w, m, claim := approved(t)
	r := failure(m, claim, typev1.Reason_REASON_GRANT_EXPIRED)
	r.Outcome, r.Retryable = busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE, false
	w.Finish(w.Operator, r)
	require.Equal(t, "ready", w.Task(w.Operator, m.GetId()).State)
	w.Exec("update tasks set not_before = now() where state = 'ready'")
	next := w.Execution(w.Operator)
	require.NotEqual(t, m.GetGrant().GetPayload(), next.GetGrant().GetPayload())
	w.Do(w.Operator, next)
	require.Equal(t, "confirmed", w.Effects(w.Operator)[0].State)
}

// Decision 0069: a skill that is away takes no attempt from a task; the wait has an end, and a person a way back.
func TestAbsentSkillCostsNoAttempt(t *testing.T) {
	w, _ := begin(t)
	away := func() string {
		m := w.Take(w.Operator)[0]
		w.Finish(w.Operator, failure(m, w.Claim(m), typev1.Reason_REASON_SKILL_AWAY))
		return m.GetId()
	}
	first := w.Take(w.Operator)
	for _, m := range first {
		w.Finish(w.Operator, failure(m, w.Claim(m), typev1.Reason_REASON_SKILL_AWAY))
	}
	id := first[0].GetId()
	w.Exec("update tasks set not_before = now() + interval '1 day' where state = 'ready' and id <> $1", id)
	most := int(w.Task(w.Operator, id).MaxAttempts)
	for range 2 * most {
		held := w.Task(w.Operator, id)
		require.Equal(t, "ready", held.State)
		require.Zero(t, held.Attempt)
		require.NotNil(t, held.HeldSince)
		require.Greater(t, held.NotBefore, held.UpdatedAt, "it is not tried again at once")
		require.Contains(t, string(held.Error), "no worker reaches the skill")
		w.Exec("update tasks set not_before = now() where id = $1", id)
		require.Equal(t, id, away())
	}
	w.Exec("update tasks set not_before = now(), held_since = now() - interval '31 minutes' where id = $1", id)
	away()
	over := w.Task(w.Operator, id)
	require.Equal(t, "failed", over.State)
	require.Nil(t, over.HeldSince)
	require.Contains(t, string(over.Error), "SKILL_AWAY")

	_, err := w.Commit.RetryTask(t.Context(), w.Operator, id, over.StateVersion)
	require.NoError(t, err)
	m := w.Take(w.Operator)[0]
	w.Finish(w.Operator, failure(m, w.Claim(m), typev1.Reason_REASON_STOPPED))
	cut := w.Task(w.Operator, id)
	require.Equal(t, "ready", cut.State)
	require.Zero(t, cut.Attempt)
	require.Nil(t, cut.HeldSince, "an hour under a switch is no hour that its skill was away")
	require.Contains(t, string(cut.Error), "REASON_STOPPED")
	w.Exec("update tasks set not_before = now() where id = $1", id)
	away()
	require.Equal(t, "ready", w.Task(w.Operator, id).State, "tried again by hand, it waits anew")
}
