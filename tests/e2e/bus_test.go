package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/grant"
	"chimera/tests/internal/world"
)

// once asserts that every task of a campaign ran once: one result per step, two for an effect's proposal and execution.
func once(t *testing.T, q world.Querier, r *world.Run) []string {
	t.Helper()
	return world.Column[string](t, q, `select concat(t.node, ' has ', count(x.id), ' results, attempt ', t.attempt) from tasks t
		left join results x on x.tenant_id = t.tenant_id and x.task_id = t.id where t.campaign_id = $1
		group by t.tenant_id, t.id having count(x.id) <> case when t.kind = 'effect' then 2 else 1 end or t.attempt <> 1`, r.ID)
}

// everyMessageTenTimes: duplicates of all that travels are harmless.
func everyMessageTenTimes(t *testing.T, w *world.World) {
	stop := w.Echo(t, "aurora", 10)
	r := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	r.ApproveAll(t)
	r.Completed(t)
	seen := stop()
	t.Logf("messages that were sent ten times again: %v", seen)
	require.GreaterOrEqual(t, seen["task"], 10, "the echo missed messages and so tested too little")
	require.GreaterOrEqual(t, seen["result"], 8)
	require.GreaterOrEqual(t, seen["review"], 8)
	clean(t, w, r)
	require.Empty(t, once(t, w.Database, r))
	// Planted: a second result of one task is seen.
	w.Planted(t, `insert into results (tenant_id, id, task_id, epoch, attempt, body) select tenant_id, gen_random_uuid(), task_id, epoch + 1, attempt, body
		from results where task_id in (select id from tasks where campaign_id = $1 and node = 'collect')`, []any{r.ID}, func(q world.Querier) {
		require.Equal(t, []string{"collect has 2 results, attempt 1"}, once(t, q, r))
	})
}

// events are the kinds of security events that a tenant's admin sees, newest first.
func events(t *testing.T, w *world.World, admin string) []string {
	t.Helper()
	list, err := w.As(admin).ListSecurityEvents(t.Context(), &platformv1.ListSecurityEventsRequest{PageSize: 200})
	require.NoError(t, err)
	var kinds []string
	for _, e := range list.GetEvents() {
		kinds = append(kinds, e.GetKind())
	}
	return kinds
}

func count(kinds []string, kind string) (n int) {
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	return n
}

func awaitEvent(t *testing.T, w *world.World, admin, kind string, before int) {
	t.Helper()
	world.Eventually(t, 15*time.Second, "a security event "+kind, func() bool { return count(events(t, w, admin), kind) > before })
}

// forgedMessages: an edited specification, a person's decision on the bus, and one tenant's message on another's queue.
func forgedMessages(t *testing.T, w *world.World) {
	before := events(t, w, "ada")
	for _, name := range []string{world.WorkerA, world.WorkerB} {
		w.Crash(name)
	}
	r := w.Launch(t, world.Options{})
	var original redis.XMessage
	world.Eventually(t, 10*time.Second, "the collect task's message", func() bool {
		for _, e := range w.Entries(t, "aurora", "task") {
			if m := taskOf(e); m.GetContext().GetCampaignId() == r.ID && m.GetSpec().GetTool() == "trends.collect" {
				original = e
			}
		}
		return original.ID != ""
	})
	edited := taskOf(original)
	edited.Spec.ArgumentsJson = []byte(`{"feeds":["http://169.254.169.254/latest/meta-data"],"keywords":[],"hacker_news":false,"limit":20}`)
	digest, err := grant.SpecDigest(edited.GetSpec())
	require.NoError(t, err)
	edited.Version.SpecDigest = digest // the forger knows how
	require.NoError(t, w.Streams.XDel(t.Context(), w.Stream("aurora", "task"), original.ID).Err())
	w.Inject(t, "aurora", "task", world.Forge(original, encode(t, edited)))
	invented := taskOf(original)
	invented.Id = uuid.Must(uuid.NewV7()).String()
	w.Inject(t, "aurora", "task", world.Forge(original, encode(t, invented)))
	w.Inject(t, "borealis", "task", original.Values)
	w.Revive(t, world.WorkerA)
	w.Revive(t, world.WorkerB)
	world.Eventually(t, 15*time.Second, "both forged tasks being told", func() bool {
		return count(events(t, w, "ada"), "forged_task_message") >= count(before, "forged_task_message")+2
	})

	decided := w.Capture(t, "aurora", "review", func(payload []byte) bool {
		var d busv1.ReviewDecision
		return proto.Unmarshal(payload, &d) == nil && d.GetVerdict() == busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW
	})
	review := r.Reviews(t, 1)[0]
	select {
	case e := <-decided:
		var d busv1.ReviewDecision
		payload, _ := e.Values["payload"].(string)
		require.NoError(t, proto.Unmarshal([]byte(payload), &d))
		d.Id, d.Verdict, d.Decider, d.DecidedBy = uuid.Must(uuid.NewV7()).String(), busv1.Verdict_VERDICT_APPROVED, busv1.DeciderKind_DECIDER_KIND_HUMAN, "sub-rafael"
		d.TaskStateVersion = world.Column[int64](t, w.Database, "select state_version from tasks where id = $1", review.GetTaskId())[0]
		d.Authorisation = &busv1.CommitAuthorisation{PayloadSha256: review.GetPayloadSha256(), ArgumentsJson: []byte(review.GetPayloadJson())}
		w.Inject(t, "aurora", "review", world.Forge(e, encode(t, &d)))
	case <-time.After(time.Second):
		require.FailNow(t, "the judge's decision was not captured")
	}
	awaitEvent(t, w, "ada", "forged_decision", count(before, "forged_decision"))
	require.Empty(t, w.Book(t, r).Creations, "a message on the bus published a post")
	require.Equal(t, review.GetId(), r.Reviews(t, 1)[0].GetId())
	r.ApproveAll(t)
	r.Completed(t)
	clean(t, w, r)
	require.Empty(t, once(t, w.Database, r))
}

func taskOf(e redis.XMessage) *busv1.Task {
	payload, _ := e.Values["payload"].(string)
	var m busv1.Task
	_ = proto.Unmarshal([]byte(payload), &m)
	return &m
}

func encode(t *testing.T, m proto.Message) []byte {
	t.Helper()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	require.NoError(t, err)
	return raw
}

// deadLetters: what cannot be handled is kept for people: listed, inspected, replayed once, discarded.
func deadLetters(t *testing.T, w *world.World) {
	olga := w.As("olga")
	open := func() []*platformv1.DeadLetter {
		list, err := olga.ListDeadLetters(t.Context(), &platformv1.ListDeadLettersRequest{PageSize: 200, State: platformv1.DeadLetterState_DEAD_LETTER_STATE_OPEN})
		require.NoError(t, err)
		return list.GetLetters()
	}
	before := open()
	fresh := func(n int) (found []*platformv1.DeadLetter) {
		world.Eventually(t, 15*time.Second, "the dead letters", func() bool {
			found = nil
			for _, l := range open() {
				if !slices.ContainsFunc(before, func(b *platformv1.DeadLetter) bool { return b.GetId() == l.GetId() }) {
					found = append(found, l)
				}
			}
			return len(found) == n
		})
		return found
	}
	w.Inject(t, "aurora", "task", map[string]any{"anything": "at all"})
	w.Inject(t, "aurora", "review", map[string]any{"payload": "\xff\xfe", "metadata": "junk", "_watermill_message_uuid": "x"})
	for _, junk := range fresh(2) {
		got, err := olga.GetDeadLetter(t.Context(), &platformv1.GetDeadLetterRequest{LetterId: junk.GetId()})
		require.NoError(t, err)
		require.NotEmpty(t, got.GetRaw())
		require.NotEmpty(t, got.GetLetter().GetReason())
		_, err = olga.ReplayDeadLetter(t.Context(), &platformv1.ReplayDeadLetterRequest{LetterId: junk.GetId(), StateVersion: junk.GetStateVersion(), Reason: "try"})
		require.Error(t, err, "what is no message cannot be replayed")
		now, err := olga.GetDeadLetter(t.Context(), &platformv1.GetDeadLetterRequest{LetterId: junk.GetId()})
		require.NoError(t, err)
		require.Equal(t, platformv1.DeadLetterState_DEAD_LETTER_STATE_OPEN, now.GetLetter().GetState(), "a replay that is impossible must not close the letter")
		_, err = olga.DiscardDeadLetter(t.Context(), &platformv1.DiscardDeadLetterRequest{LetterId: junk.GetId(), StateVersion: now.GetLetter().GetStateVersion(), Reason: "noise"})
		require.NoError(t, err)
	}

	r := w.Prepare(t, world.Options{})
	results := w.Capture(t, "aurora", "result", func(payload []byte) bool {
		var m busv1.Result
		return proto.Unmarshal(payload, &m) == nil && m.GetTenantId() != ""
	})
	r.Start(t, t.Context())
	var stray redis.XMessage
	select {
	case stray = <-results:
	case <-time.After(10 * time.Second):
		require.FailNow(t, "no result was captured")
	}
	var m busv1.Result
	payload, _ := stray.Values["payload"].(string)
	require.NoError(t, proto.Unmarshal([]byte(payload), &m))
	m.TaskId, m.Id = uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	w.Inject(t, "aurora", "result", world.Forge(stray, encode(t, &m)))
	letter := fresh(1)[0]
	got, err := olga.GetDeadLetter(t.Context(), &platformv1.GetDeadLetterRequest{LetterId: letter.GetId()})
	require.NoError(t, err)
	require.Contains(t, got.GetContentJson(), m.GetTaskId(), "a decodable letter is shown as JSON")
	_, err = w.As("boris").GetDeadLetter(t.Context(), &platformv1.GetDeadLetterRequest{LetterId: letter.GetId()})
	refused(t, err, typev1.Reason_REASON_NOT_FOUND)
	replay := &platformv1.ReplayDeadLetterRequest{LetterId: letter.GetId(), StateVersion: letter.GetStateVersion(), Reason: "the task may be there now"}
	_, err = olga.ReplayDeadLetter(t.Context(), replay)
	require.NoError(t, err)
	_, err = olga.ReplayDeadLetter(t.Context(), replay)
	refused(t, err, typev1.Reason_REASON_STALE_VERSION, typev1.Reason_REASON_WRONG_STATE)
	again := fresh(1)[0] // it is as impossible as before, and comes back as a letter of its own
	require.NotEqual(t, letter.GetId(), again.GetId())
	_, err = olga.DiscardDeadLetter(t.Context(), &platformv1.DiscardDeadLetterRequest{LetterId: again.GetId(), StateVersion: again.GetStateVersion(), Reason: "no such task"})
	require.NoError(t, err)
	fresh(0)
	r.ApproveAll(t)
	r.Completed(t)
	clean(t, w, r)
}
