package perform_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/control"
	"chimera/services/kit/errs"
	"chimera/services/worker/internal/perform"
	"chimera/services/worker/internal/toolbox"
	"chimera/services/worker/internal/workertest"
)

type rig struct {
	*perform.Performer
	orch    *workertest.Orchestrator
	effects func() []string
	skill   *workertest.Process
	// busAway is what the worker knows of the bus.
	busAway *atomic.Bool
}

func newRig(t *testing.T) *rig {
	t.Helper()
	orch := workertest.NewOrchestrator(t)
	ledger, effects := workertest.Ledger(t)
	skill := workertest.Skill(t, "", "CHIMERA_ORCHESTRATOR_URL="+orch.URL, "CHIMERA_GRANT_PUBLIC_KEYS="+orch.PublicKey, "FIXTURE_LEDGER="+ledger)
	client := control.Identity{}.HTTPClient(64)
	worker, err := control.Worker(client, orch.URL)
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	box := toolbox.New(toolbox.Config{WorkerID: "w-1", Skills: []toolbox.Address{{Name: "fixture", URL: "http://" + skill.Addr + "/mcp"}}}, client, worker, log)
	var busAway atomic.Bool
	p := perform.New(perform.Config{WorkerID: "w-1", BusAway: busAway.Load}, worker, box.Call, orch.Deliver, log)
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { _ = box.Run(ctx) })
	ended.Go(func() { p.Heartbeats(ctx) })
	t.Cleanup(func() { cancel(); ended.Wait() })
	return &rig{Performer: p, orch: orch, effects: effects, skill: skill, busAway: &busAway}
}

func (r *rig) task(t *testing.T, tool, text string, change ...func(*busv1.Task)) *busv1.Task {
	t.Helper()
	return r.orch.Task(t, tool, r.orch.Tool(t, tool).GetDigest(), `{"text":"`+text+`"}`, change...)
}

func (r *rig) only(t *testing.T) *busv1.Result {
	t.Helper()
	accepted, stale := r.orch.Results()
	require.Empty(t, stale)
	require.Len(t, accepted, 1)
	return accepted[0]
}

func TestResultSaysWhatItRestsOn(t *testing.T) { // R7.6, R10.1, R10.6
	r := newRig(t)
	task := r.task(t, "fixture.echo", "hi", func(k *busv1.Task) { k.Spec.Tainted = true })
	require.NoError(t, r.Perform(t.Context(), task))
	res := r.only(t)
	require.Equal(t, busv1.ResultStatus_RESULT_STATUS_SUCCESS, res.GetStatus())
	require.JSONEq(t, `{"said":"hi"}`, string(res.GetOutputJson()))
	require.InDelta(t, 0.8, res.GetConfidence().GetScore(), 0)
	require.Equal(t, "fixture", res.GetConfidence().GetBasis())
	require.Equal(t, "fixture/v1", res.GetProvenance().GetMethod())
	require.True(t, res.GetProvenance().GetTainted(), "the task's taint stays, whatever the tool says")
	require.EqualValues(t, 5, res.GetUsage().GetCostMicros())
	require.Equal(t, "1.0.0", res.GetTools()[0].GetVersion())
	require.EqualValues(t, 1, res.GetEpoch())
	require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_UNSPECIFIED, res.GetOutcome())
}

func TestEffectIsExecutedOnce(t *testing.T) { // R10.5
	r := newRig(t)
	task := r.task(t, "fixture.post", "hi", r.orch.Effect(t))
	require.NoError(t, r.Perform(t.Context(), task))
	require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_DONE, r.only(t).GetOutcome())
	require.Len(t, r.effects(), 1)
	for range 10 { // duplicate deliveries
		require.NoError(t, r.Perform(t.Context(), task))
	}
	require.Len(t, r.effects(), 1)
	require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_DONE, r.only(t).GetOutcome())
}

func TestProposalTouchesNothing(t *testing.T) {
	r := newRig(t)
	task := r.task(t, "fixture.post", "hi", func(k *busv1.Task) {
		k.Spec.Kind, k.Spec.Mode = busv1.TaskKind_TASK_KIND_EFFECT, busv1.TaskMode_TASK_MODE_PROPOSE
	})
	require.NoError(t, r.Perform(t.Context(), task))
	res := r.only(t)
	require.JSONEq(t, `{"payload":{"text":"hi"}}`, string(res.GetOutputJson()))
	require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_UNSPECIFIED, res.GetOutcome())
	require.Empty(t, r.effects())
}

func TestOutcomeOfAnEffectThatWentWrong(t *testing.T) {
	for text, c := range map[string]struct {
		outcome   busv1.EffectOutcome
		effects   int
		retryable bool
	}{
		"refuse":     {busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE, 0, false},
		"fail after": {busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN, 1, false},
		"die after":  {busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN, 1, false},
		"hang after": {busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN, 1, false},
	} {
		t.Run(text, func(t *testing.T) {
			r := newRig(t)
			task := r.task(t, "fixture.post", text, r.orch.Effect(t), func(k *busv1.Task) { k.Resources.Timeout = durationpb.New(2 * time.Second) })
			require.NoError(t, r.Perform(t.Context(), task))
			res := r.only(t)
			require.Equal(t, c.outcome.String(), res.GetOutcome().String())
			require.Equal(t, c.retryable, res.GetRetryable())
			require.Len(t, r.effects(), c.effects, "an effect is sent once, however it ends")
			require.Empty(t, res.GetOutputJson())
		})
	}
}

func TestSkillAwayMeansTheEffectIsNotDone(t *testing.T) {
	r := newRig(t)
	task := r.task(t, "fixture.post", "hi", r.orch.Effect(t))
	r.skill.Kill()
	require.NoError(t, r.Perform(t.Context(), task))
	res := r.only(t)
	require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE, res.GetOutcome())
	require.True(t, res.GetRetryable())
	require.Empty(t, r.effects())
}

func TestBadToolsBecomeFailures(t *testing.T) {
	r := newRig(t)
	for tool, reason := range map[string]typev1.Reason{
		"fixture.fall": typev1.Reason_REASON_TOOL_FAILED, "fixture.flood": typev1.Reason_REASON_TOO_LARGE, "fixture.hang": typev1.Reason_REASON_TIMEOUT,
	} {
		task := r.task(t, tool, "x", func(k *busv1.Task) { k.Resources.Timeout = durationpb.New(time.Second) })
		require.NoError(t, r.Perform(t.Context(), task))
		accepted, _ := r.orch.Results()
		res := accepted[len(accepted)-1]
		require.Equal(t, busv1.ResultStatus_RESULT_STATUS_FAILURE, res.GetStatus())
		require.Equal(t, reason.String(), res.GetError().GetReason().String(), tool)
		require.Zero(t, res.GetConfidence().GetScore())
	}
}

func TestChangedAndUnknownToolsAreRefused(t *testing.T) {
	r := newRig(t)
	digest := r.orch.Tool(t, "fixture.echo").GetDigest()
	for tool, want := range map[string]typev1.Reason{"fixture.fall": typev1.Reason_REASON_TOOL_CHANGED, "fixture.none": typev1.Reason_REASON_TOOL_UNKNOWN} {
		require.NoError(t, r.Perform(t.Context(), r.orch.Task(t, tool, digest, `{"text":"x"}`)))
		accepted, _ := r.orch.Results()
		require.Equal(t, want, accepted[len(accepted)-1].GetError().GetReason())
		require.False(t, accepted[len(accepted)-1].GetRetryable())
	}
}

// TestRefusedClaimRunsNothing: forged, stale and foreign messages, each dropped with an ack.
func TestRefusedClaimRunsNothing(t *testing.T) {
	r := newRig(t)
	for name, forge := range map[string]func(*busv1.Task){
		"other text":   func(k *busv1.Task) { k.Spec.ArgumentsJson = []byte(`{"text":"forged"}`) },
		"other tenant": func(k *busv1.Task) { k.TenantId = k.GetContext().GetCampaignId() },
		"old epoch":    func(k *busv1.Task) { k.Version.Epoch = 7 },
		"unknown id":   func(k *busv1.Task) { k.Id = k.GetContext().GetAgentId() },
	} {
		task := r.task(t, "fixture.post", "hi", r.orch.Effect(t))
		forge(task)
		require.NoError(t, r.Perform(t.Context(), task), name)
		require.Empty(t, r.effects(), name)
	}
	accepted, stale := r.orch.Results()
	require.Empty(t, accepted)
	require.Empty(t, stale)
}

func TestContradictoryTasksArePoison(t *testing.T) {
	r := newRig(t)
	for name, change := range map[string]func(*busv1.Task){
		"execute without grant": func(k *busv1.Task) {
			k.Spec.Kind, k.Spec.Mode = busv1.TaskKind_TASK_KIND_EFFECT, busv1.TaskMode_TASK_MODE_EXECUTE
		},
		"effect run outright": func(k *busv1.Task) { k.Spec.Kind = busv1.TaskKind_TASK_KIND_EFFECT },
		"read executed":       func(k *busv1.Task) { k.Spec.Mode = busv1.TaskMode_TASK_MODE_EXECUTE },
	} {
		err := r.Perform(t.Context(), r.task(t, "fixture.echo", "x", change))
		require.Equal(t, errs.Invalid, errs.KindOf(err), name)
	}
	claims, _ := r.orch.Calls()
	require.Zero(t, claims)
}

func TestManyTasksShareClaimsAndHeartbeats(t *testing.T) {
	r := newRig(t)
	var all sync.WaitGroup
	for range 60 {
		task := r.task(t, "fixture.echo", "x")
		all.Go(func() { require.NoError(t, r.Perform(context.Background(), task)) })
	}
	all.Wait()
	accepted, _ := r.orch.Results()
	require.Len(t, accepted, 60)
	claims, _ := r.orch.Calls()
	require.Less(t, claims, 40, "claims are gathered")
}

func TestOrchestratorAwayAtTheClaim(t *testing.T) {
	r := newRig(t)
	task := r.task(t, "fixture.echo", "x")
	r.orch.Silence(true)
	err := r.Perform(t.Context(), task)
	require.Equal(t, errs.Unavailable, errs.KindOf(err), "the message may come again; nothing ran")
	r.orch.Silence(false)
	require.NoError(t, r.Perform(t.Context(), task))
	require.EqualValues(t, 1, r.only(t).GetAttempt())
}

func TestLongTaskKeepsItsLease(t *testing.T) {
	r := newRig(t)
	task := r.task(t, "fixture.hang", "x", func(k *busv1.Task) { k.Resources.Timeout = durationpb.New(2 * workertest.Lease) })
	require.NoError(t, r.Perform(t.Context(), task))
	require.Equal(t, typev1.Reason_REASON_TIMEOUT, r.only(t).GetError().GetReason(), "it ended by its own deadline, after two leases")
	_, beats := r.orch.Calls()
	require.Greater(t, beats, 3)
}

func TestStopSwitchEndsARunningCall(t *testing.T) { // R10.5
	r := newRig(t)
	read := r.task(t, "fixture.hang", "x")
	effect := r.task(t, "fixture.post", "hang after", r.orch.Effect(t))
	var all sync.WaitGroup
	for _, task := range []*busv1.Task{read, effect} {
		all.Go(func() { require.NoError(t, r.Perform(context.Background(), task)) })
	}
	require.Eventually(t, func() bool { return r.orch.Running(read.GetId()) && len(r.effects()) == 1 }, 5*time.Second, 10*time.Millisecond)
	start := time.Now()
	r.orch.Stop(read.GetId(), typev1.Reason_REASON_STOPPED)
	r.orch.Stop(effect.GetId(), typev1.Reason_REASON_STOPPED)
	all.Wait()
	require.Less(t, time.Since(start), 2*time.Second)
	accepted, _ := r.orch.Results()
	require.Len(t, accepted, 2)
	for _, res := range accepted {
		if res.GetTaskId() == effect.GetId() {
			require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN, res.GetOutcome(), "cancelling proves nothing about the platform")
			require.False(t, res.GetRetryable())
		} else {
			require.Equal(t, typev1.Reason_REASON_STOPPED, res.GetError().GetReason())
		}
	}
}

// The bus is away, so the result cannot say that the call is over: the heartbeat does, long before the lease ends.
func TestStoppedCallIsToldToHaveEndedWithoutTheBus(t *testing.T) { // R10.5
	r := newRig(t)
	r.orch.Deafen(true)
	task := r.task(t, "fixture.hang", "x")
	done := make(chan error, 1)
	go func() { done <- r.Perform(context.Background(), task) }()
	require.Eventually(t, func() bool { return r.orch.Running(task.GetId()) }, 5*time.Second, 10*time.Millisecond)
	r.orch.Stop(task.GetId(), typev1.Reason_REASON_STOPPED)
	require.Eventually(t, func() bool { return r.orch.Ended(task.GetId()) }, workertest.Lease, 10*time.Millisecond)
	require.NoError(t, <-done)
}

// The result is out, but the bus went away before anybody read it.
func TestCallWhoseResultLiesUnreadIsToldToHaveEnded(t *testing.T) { // R10.5
	r := newRig(t)
	r.orch.LeaveUnread(true)
	r.busAway.Store(true)
	task := r.task(t, "fixture.echo", "x")
	require.NoError(t, r.Perform(t.Context(), task))
	require.True(t, r.orch.Running(task.GetId()), "nobody has read its result")
	time.Sleep(workertest.Lease + time.Second)
	r.orch.Stop(task.GetId(), typev1.Reason_REASON_STOPPED)
	require.Eventually(t, func() bool { return r.orch.Ended(task.GetId()) }, 5*time.Second, 10*time.Millisecond, "however long the bus was away before the stop")
}

func TestZombieDropsItsResult(t *testing.T) {
	r := newRig(t)
	task := r.task(t, "fixture.hang", "x")
	done := make(chan error, 1)
	go func() { done <- r.Perform(context.Background(), task) }()
	require.Eventually(t, func() bool { return r.orch.Running(task.GetId()) }, 5*time.Second, 10*time.Millisecond)
	r.orch.TakeAway(task.GetId())
	require.NoError(t, <-done)
	accepted, stale := r.orch.Results()
	require.Empty(t, accepted)
	require.Empty(t, stale, "a zombie does not even ask")
}

func TestLeaseLostWhileTheOrchestratorIsAway(t *testing.T) {
	r := newRig(t)
	task := r.task(t, "fixture.hang", "x")
	done := make(chan error, 1)
	go func() { done <- r.Perform(context.Background(), task) }()
	require.Eventually(t, func() bool { return r.orch.Running(task.GetId()) }, 5*time.Second, 10*time.Millisecond)
	r.orch.Silence(true)
	start := time.Now()
	require.NoError(t, <-done)
	require.Less(t, time.Since(start), 2*workertest.Lease, "work stops when the lease ends, heard from or not")
	accepted, stale := r.orch.Results()
	require.Empty(t, append(accepted, stale...))
}

func TestResultOutlivesABusThatIsAway(t *testing.T) {
	r := newRig(t)
	r.orch.Deafen(true)
	task := r.task(t, "fixture.post", "hi", r.orch.Effect(t))
	done := make(chan error, 1)
	go func() { done <- r.Perform(context.Background(), task) }()
	require.Eventually(t, func() bool { return len(r.effects()) == 1 }, 5*time.Second, 10*time.Millisecond)
	time.Sleep(workertest.Lease) // the lease is kept while the result waits
	r.orch.Deafen(false)
	require.NoError(t, <-done)
	require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_DONE, r.only(t).GetOutcome())
}

func TestShutdownReportsWhatItCutOff(t *testing.T) {
	r := newRig(t)
	read, effect := r.task(t, "fixture.hang", "x"), r.task(t, "fixture.post", "hang after", r.orch.Effect(t))
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, task := range []*busv1.Task{read, effect} {
		all.Go(func() { require.NoError(t, r.Perform(ctx, task)) })
	}
	require.Eventually(t, func() bool { return r.orch.Running(read.GetId()) && len(r.effects()) == 1 }, 5*time.Second, 10*time.Millisecond)
	cancel()
	all.Wait()
	accepted, _ := r.orch.Results()
	require.Len(t, accepted, 2)
	for _, res := range accepted {
		if res.GetTaskId() == effect.GetId() {
			require.Equal(t, busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN, res.GetOutcome())
		} else {
			require.True(t, res.GetRetryable(), "another worker may do it")
		}
	}
}

func TestResultsFitTheSchemaWhateverTheToolReports(t *testing.T) {
	orch := workertest.NewOrchestrator(t)
	worker, err := control.Worker(control.Identity{}.HTTPClient(2), orch.URL)
	require.NoError(t, err)
	hostile := func(context.Context, toolbox.Request) toolbox.Answer {
		return hostileAnswer()
	}
	p := perform.New(perform.Config{WorkerID: "w"}, worker, hostile, orch.Deliver, slog.New(slog.DiscardHandler))
	task := orch.Task(t, "fixture.echo", "0000000000000000000000000000000000000000000000000000000000000000", `{}`)
	require.NoError(t, p.Perform(t.Context(), proto.CloneOf(task)))
	accepted, _ := orch.Results()
	require.Len(t, accepted, 1)
	require.InDelta(t, 1, accepted[0].GetConfidence().GetScore(), 0)
}
