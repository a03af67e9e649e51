package chaos_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/world"
)

// readOnly: a database that takes no writes is how one full or failed over looks. Nothing goes out that it cannot record.
func readOnly(t *testing.T, w *world.World, _ *network) {
	r := w.Launch(t, world.Options{Platforms: []string{"mastodon"}})
	review := r.Reviews(t, 1)[0]
	fresh := w.Prepare(t, world.Options{})
	readOnlyIs(t, w, "on")
	t.Cleanup(func() { readOnlyIs(t, w, "off") })
	refusedAsAway(t, "an approval", func() error {
		_, err := w.As("rafael").ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{ReviewId: review.GetId(), StateVersion: review.GetStateVersion(), PayloadSha256: review.GetPayloadSha256(), Rationale: "reads well"})
		return err
	})
	refusedAsAway(t, "a start", func() error {
		_, err := w.As("olga").StartCampaign(t.Context(), &platformv1.StartCampaignRequest{CampaignId: fresh.ID, StateVersion: fresh.Campaign.GetStateVersion()})
		return err
	})
	reads(t, w)
	require.False(t, ready(t, w, world.OrchestratorA), "an orchestrator that cannot write calls itself ready")
	readOnlyIs(t, w, "off")
	// Approved, and then nothing can be written before the post goes out: it must not.
	r.ApproveAll(t)
	readOnlyIs(t, w, "on")
	before := redeemed(t, w, r)
	time.Sleep(3 * time.Second)
	require.LessOrEqual(t, len(w.Book(t, r).Creations), before, "published without a redeemed grant on record")
	readOnlyIs(t, w, "off")
	world.Eventually(t, 10*time.Second, "the orchestrators being ready", func() bool {
		return ready(t, w, world.OrchestratorA) && ready(t, w, world.OrchestratorB)
	})
	require.NoError(t, fresh.TryStart(t.Context()))
	fresh.ApproveAll(t)
	fresh.Completed(t)
	r.Completed(t)
}

// redeemed is how many grants of a campaign are used up, says Postgres.
func redeemed(t *testing.T, w *world.World, r *world.Run) int {
	t.Helper()
	return len(world.Column[string](t, w.Database, "select g.id::text from grants g join effects e on e.id = g.effect_id where e.campaign_id = $1 and g.state = 'redeemed'", r.ID))
}

func open(t *testing.T, w *world.World, r *world.Run) []*platformv1.Review {
	t.Helper()
	list, err := w.As("vera").ListReviews(t.Context(), &platformv1.ListReviewsRequest{CampaignId: r.ID, State: platformv1.ReviewState_REVIEW_STATE_OPEN})
	require.NoError(t, err)
	return list.GetReviews()
}

func readOnlyIs(t *testing.T, w *world.World, value string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := w.Database.Acquire(ctx)
	require.NoError(t, err)
	defer conn.Release()
	for _, statement := range []string{"set default_transaction_read_only = off", "alter system set default_transaction_read_only = " + value, "select pg_reload_conf()", "reset default_transaction_read_only"} {
		_, err := conn.Exec(ctx, statement)
		require.NoError(t, err)
	}
	time.Sleep(500 * time.Millisecond) // sessions take it up when they are next idle
}

func postgresSilent(t *testing.T, w *world.World, n *network) {
	r := w.Launch(t, world.Options{Platforms: []string{"bluesky"}})
	r.Reviews(t, 1)
	n.silence("postgres")
	t.Cleanup(func() { n.heal("postgres") })
	world.Eventually(t, 20*time.Second, "the orchestrators saying that they are not ready", func() bool {
		return !ready(t, w, world.OrchestratorA) && !ready(t, w, world.OrchestratorB)
	})
	_, err := w.As("olga").ListCampaigns(t.Context(), &platformv1.ListCampaignsRequest{})
	require.Contains(t, []connect.Code{connect.CodeUnavailable, connect.CodeDeadlineExceeded}, connect.CodeOf(err), "%v", err)
	time.Sleep(away() / 3)
	n.heal("postgres")
	back := time.Now()
	world.Eventually(t, 30*time.Second, "the orchestrators being ready", func() bool {
		return ready(t, w, world.OrchestratorA) && ready(t, w, world.OrchestratorB)
	})
	within(t, "Postgres answers again to both orchestrators ready", 10*time.Second, []time.Duration{time.Since(back)})
	r.ApproveAll(t)
	r.Completed(t)
}

// diskFull: writes are refused as Unavailable, or Postgres gives up altogether; nothing goes out that it could not
// record, and with room again, and Postgres started again if it gave up, all goes on.
func diskFull(t *testing.T, w *world.World, _ *network) {
	if !w.Cramped {
		require.NotEqual(t, "true", os.Getenv("CI"), "a disk of its own for Postgres takes root or sudo")
		t.Skip("a disk of its own for Postgres takes root or sudo")
	}
	waiting := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	reviews := waiting.Reviews(t, 2)
	room := fillDisk(t, w)
	// What still fits into pages that are there is written, and rightly so: the disk is full once a row is refused.
	var refused error
	world.Eventually(t, 30*time.Second, "a write being refused", func() bool {
		_, refused = w.As("olga").CreateAgent(t.Context(), &platformv1.CreateAgentRequest{Name: "another", Persona: &platformv1.Persona{Voice: rand.Text() + rand.Text(), Language: "en"}})
		return refused != nil
	})
	require.Equal(t, connect.CodeUnavailable.String(), connect.CodeOf(refused).String(), "%v", refused)
	for _, review := range reviews {
		_, err := w.As("rafael").ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{ReviewId: review.GetId(), StateVersion: review.GetStateVersion(), PayloadSha256: review.GetPayloadSha256(), Rationale: "reads well"})
		if err != nil {
			require.Equal(t, connect.CodeUnavailable.String(), connect.CodeOf(err).String(), "%v", err)
		}
	}
	select {
	case <-w.Postgres.Done():
		t.Log("Postgres gave up")
	default:
		reads(t, w)
		require.LessOrEqual(t, len(w.Book(t, waiting).Creations), redeemed(t, w, waiting), "published without a redeemed grant on record")
	}
	time.Sleep(away() / 3)
	room()
	require.NoError(t, w.Postgres.Start(t.Context()))
	back := time.Now()
	world.Eventually(t, 30*time.Second, "the orchestrators being ready", func() bool {
		return ready(t, w, world.OrchestratorA) && ready(t, w, world.OrchestratorB)
	})
	within(t, "a disk with room again to both orchestrators ready", 10*time.Second, []time.Duration{time.Since(back)})
	require.LessOrEqual(t, len(w.Book(t, waiting).Creations), redeemed(t, w, waiting), "published without a redeemed grant on record")
	for _, review := range open(t, w, waiting) {
		waiting.Approve(t, review)
	}
	waiting.Completed(t)
}

// fillDisk takes all the room that Postgres has left; room gives it back.
func fillDisk(t *testing.T, w *world.World) (room func()) {
	t.Helper()
	path := filepath.Join(w.Postgres.Dir, "ballast")
	room = func() { _ = os.Remove(path) }
	t.Cleanup(room)
	f, err := os.Create(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	chunk, total := make([]byte, 1<<20), 0
	for len(chunk) > 0 {
		n, err := f.Write(chunk)
		total += n
		if errors.Is(err, syscall.ENOSPC) {
			chunk = chunk[:len(chunk)/2]
			continue
		}
		require.NoError(t, err)
		require.Less(t, total, pgDisk, "the disk does not end")
	}
	t.Logf("%d MiB of ballast", total>>20)
	return room
}
