package e2e_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/world"
)

// workerDiesMidTask: a task whose worker is gone runs again within its lease and 3 s, on another worker.
func workerDiesMidTask(t *testing.T, w *world.World) {
	r := w.Prepare(t, world.Options{Platforms: []string{"mastodon"}})
	began := w.Sandbox.Fail(t, world.Fault{Kind: "slow", Op: "post.get", Account: r.Accounts[0].GetHandle(), DelayMS: 60_000})
	r.Start(t, t.Context()).ApproveAll(t)
	world.Eventually(t, world.Patience, "the readback's request", func() bool { return began() == 1 })
	before := r.Task(t, "readback")
	require.Equal(t, "running", before.State)
	killed := time.Now()
	w.Crash(before.WorkerID)
	after := r.AwaitTask(t, "readback", "running", "judging", "succeeded")
	for after.Epoch == before.Epoch {
		require.Less(t, time.Since(killed), world.Lease+3*time.Second, "nobody took the task over")
		time.Sleep(20 * time.Millisecond)
		after = r.Task(t, "readback")
	}
	world.Eventually(t, world.Lease+3*time.Second-time.Since(killed), "the task running again", func() bool {
		after = r.Task(t, "readback")
		return after.Epoch > before.Epoch && after.WorkerID != before.WorkerID
	})
	require.Equal(t, 2, after.Attempt)
	w.Revive(t, before.WorkerID)
	r.Completed(t)
	clean(t, w, r)
}

// deathAfterThePlatformsAnswer: whoever dies between the platform's success and the commit, the post is adopted and
// there is one.
func deathAfterThePlatformsAnswer(t *testing.T, w *world.World) {
	for _, c := range []struct {
		name, platform, fault string
		victims               []string
	}{
		{"skill", "bluesky", "timeout_after_success", []string{"publisher"}},
		{"workers", "mastodon", "timeout_after_success", []string{world.WorkerA, world.WorkerB}},
		{"skill and workers", "mastodon", "timeout_after_success", []string{"publisher", world.WorkerA, world.WorkerB}},
		{"everything but the platform", "bluesky", "timeout_after_success", []string{"publisher", world.WorkerA, world.WorkerB, world.OrchestratorA, world.OrchestratorB}},
		{"orchestrators", "bluesky", "drop_after_success", []string{world.OrchestratorA, world.OrchestratorB}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.Prepare(t, world.Options{Platforms: []string{c.platform}})
			done := w.Sandbox.Fail(t, world.Fault{Kind: c.fault, Op: "post.create", Account: r.Accounts[0].GetHandle(), DelayMS: 60_000})
			r.Start(t, t.Context()).ApproveAll(t)
			world.Eventually(t, world.Patience, "the post", func() bool { return done() == 1 && len(w.Book(t, r).Creations) == 1 })
			for _, name := range c.victims {
				w.Crash(name)
			}
			for i := range c.victims {
				w.Revive(t, c.victims[len(c.victims)-1-i]) // orchestrators first: workers are ready once they have registered
			}
			r.Completed(t)
			clean(t, w, r)
			require.Len(t, w.Book(t, r).Creations, 1)
		})
	}
}

// orchestratorsDieAtRandom: replicas are killed in turn while people approve and effects are dispatched.
func orchestratorsDieAtRandom(t *testing.T, w *world.World) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const campaigns = 8
	var runs []*world.Run
	for i := range campaigns {
		runs = append(runs, w.Launch(t, world.Options{Platforms: [][]string{{"bluesky"}, {"mastodon"}}[i%2]}))
	}
	for i, r := range runs {
		review := r.Reviews(t, 1)[0]
		victim := []string{world.OrchestratorA, world.OrchestratorB}[i%2]
		approved := make(chan struct{})
		key := uuid.NewString()
		go func() {
			defer close(approved)
			// As a careful client does: the same key until there is an answer.
			world.Eventually(t, world.Patience, "an answer to the approval", func() bool {
				_, err := w.As("rafael").ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{
					ReviewId: review.GetId(), StateVersion: review.GetStateVersion(),
					PayloadSha256: review.GetPayloadSha256(), IdempotencyKey: key,
				})
				return err == nil
			})
		}()
		time.Sleep(time.Duration(random.IntN(120)) * time.Millisecond)
		w.Crash(victim)
		<-approved
		w.Revive(t, victim)
	}
	for _, r := range runs {
		r.Completed(t)
	}
	clean(t, w, runs...)
}
