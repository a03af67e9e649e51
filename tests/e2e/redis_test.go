package e2e_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// redisIsLost (R9.2): the doorbell is emptied, killed and restarted under load; all of it costs only time.
func redisIsLost(t *testing.T, w *world.World) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	wait := func() { time.Sleep(time.Duration(50+random.IntN(250)) * time.Millisecond) }
	flush := func() { require.NoError(t, w.Streams.FlushAll(t.Context()).Err()) }
	restart := func() {
		require.NoError(t, w.Redis.Kill())
		wait()
		require.NoError(t, w.Redis.Start(t.Context()))
	}
	const campaigns = 10
	var runs []*world.Run
	for i := range campaigns {
		runs = append(runs, w.Launch(t, world.Options{Platforms: [][]string{{"bluesky"}, {"mastodon"}}[i%2]}))
		if i == campaigns/2 {
			flush()
		}
	}
	wait()
	flush()
	restart()
	for i, r := range runs {
		r.ApproveAll(t)
		if i == campaigns/2 {
			restart()
		}
	}
	wait()
	flush()
	for _, r := range runs {
		r.Completed(t)
	}
	clean(t, w, runs...)
}

// approvalWithoutADoorbell: an approval that was committed while Redis was away, and whose orchestrators then died, is
// carried out: the row is the message.
func approvalWithoutADoorbell(t *testing.T, w *world.World) {
	r := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	r.Reviews(t, 2)
	require.NoError(t, w.Redis.Kill())
	r.ApproveAll(t)
	require.Empty(t, w.Book(t, r).Creations)
	w.Crash(world.OrchestratorA)
	w.Crash(world.OrchestratorB)
	require.NoError(t, w.Redis.Start(t.Context()))
	w.Revive(t, world.OrchestratorA)
	w.Revive(t, world.OrchestratorB)
	r.Completed(t)
	clean(t, w, r)
}

// postgresIsLost: while the truth is away nothing happens, and nothing that happened before is lost.
func postgresIsLost(t *testing.T, w *world.World) {
	var runs []*world.Run
	for i := range 4 {
		runs = append(runs, w.Launch(t, world.Options{Platforms: [][]string{{"bluesky"}, {"mastodon"}}[i%2]}))
	}
	restart := func() {
		require.NoError(t, w.Postgres.Kill())
		time.Sleep(500 * time.Millisecond)
		require.NoError(t, w.Postgres.Start(t.Context()))
	}
	restart()
	for i, r := range runs {
		r.ApproveAll(t)
		if i == 1 {
			restart()
		}
	}
	for _, r := range runs {
		r.Completed(t)
	}
	clean(t, w, runs...)
}
