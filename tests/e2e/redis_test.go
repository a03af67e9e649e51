package e2e_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/e2e/internal/world"
)

// redisIsLost: the doorbell is emptied, killed and restarted under load; all of it costs only time.
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
