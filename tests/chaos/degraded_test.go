package chaos_test

import (
	"net"
	"os"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/infra/local/login"
	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// away is how long a part stays away: a minute as the clause has it, a quarter of that in CI's run at scale 1. What
// decides (breakers, leases, put-off messages) is over within seconds.
func away() time.Duration {
	if os.Getenv("CHIMERA_TEST_CHAOS_AWAY") == "full" {
		return time.Minute
	}
	return 15 * time.Second
}

// TestDegradation takes one part away at a time. What does not need it goes on, what does is refused as Unavailable
// and not half done, and all of it ends well once the part is back (R9.3, R10.5, R12.3).
func TestDegradation(t *testing.T) {
	gate(t)
	nobody, err := net.Listen("tcp", "127.0.0.1:0") // accepts, by the kernel, and never answers
	require.NoError(t, err)
	t.Cleanup(func() { _ = nobody.Close() })
	n := newNetwork(t)
	w := start(t, world.Setup{Through: n.through, Env: map[string][]string{"orchestrator": {"CHIMERA_WEAVIATE_URL=http://" + nobody.Addr().String()}}})
	for _, c := range []struct {
		name string
		run  func(t *testing.T, w *world.World, n *network)
	}{
		{"Redis is away", redisAway},
		{"Redis is slow", redisSlow},
		{"Redis is silent", redisSilent},
		{"Postgres is read-only", readOnly},
		{"Postgres is silent", postgresSilent},
		{"the memory store does not answer", memoryAway},
		{"a skill is away", skillAway},
		{"the identity provider is away", identityAway},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, w, n)
			require.Empty(t, referee.Settle(w.Ledger(t)))
		})
	}
}

// quick calls something that must work, and soon, although a part is away.
func quick(t *testing.T, what string, call func() error) {
	t.Helper()
	began := time.Now()
	require.NoError(t, call(), what)
	require.Less(t, time.Since(began), 2*time.Second, "%s took too long", what)
}

// refusedAsAway calls something that must be refused as Unavailable, and not after the caller gave up.
func refusedAsAway(t *testing.T, what string, call func() error) {
	t.Helper()
	began := time.Now()
	require.Equal(t, connect.CodeUnavailable.String(), connect.CodeOf(call()).String(), what)
	require.Less(t, time.Since(began), 15*time.Second, "%s was refused too late", what)
}

// reads are what a person looks at first.
func reads(t *testing.T, w *world.World) {
	t.Helper()
	vera := w.As("vera")
	quick(t, "the campaigns", func() error {
		_, err := vera.ListCampaigns(t.Context(), &platformv1.ListCampaignsRequest{})
		return err
	})
	quick(t, "the reviews", func() error {
		_, err := vera.ListReviews(t.Context(), &platformv1.ListReviewsRequest{})
		return err
	})
}

func redisAway(t *testing.T, w *world.World, n *network) {
	waiting := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	waiting.Reviews(t, 2)
	n.cut("redis")
	gone := time.Now()
	quick(t, "approvals", func() error { waiting.ApproveAll(t); return nil })
	fresh := w.Prepare(t, world.Options{})
	quick(t, "a campaign's start", func() error { return fresh.TryStart(t.Context()) })
	reads(t, w)
	var stop *platformv1.Stop
	quick(t, "the stop switch", func() error {
		pressed, err := w.As("olga").PressStop(t.Context(), &platformv1.PressStopRequest{Scope: platformv1.StopScope_STOP_SCOPE_TENANT, Reason: "Redis is away"})
		stop = pressed.GetStop()
		return err
	})
	time.Sleep(time.Until(gone.Add(away())))
	require.Empty(t, w.Book(t, waiting).Creations)
	n.heal("redis")
	time.Sleep(3 * time.Second)
	require.Empty(t, w.Book(t, waiting).Creations, "published past the stop switch")
	releaseStop(t, w, stop)
	fresh.ApproveAll(t)
	for _, r := range []*world.Run{waiting, fresh} {
		r.Completed(t)
	}
}

func releaseStop(t *testing.T, w *world.World, stop *platformv1.Stop) {
	t.Helper()
	world.Eventually(t, 20*time.Second, "the stop's release", func() bool {
		_, err := w.As("ada").ReleaseStop(t.Context(), &platformv1.ReleaseStopRequest{StopId: stop.GetId(), StateVersion: stop.GetStateVersion(), Reason: "drill over"})
		return err == nil
	})
}

// redisSlow: half a second on every answer costs time, and no task a second attempt.
func redisSlow(t *testing.T, w *world.World, n *network) {
	n.slow("redis", 500)
	defer n.heal("redis")
	r := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	reads(t, w)
	r.ApproveAll(t)
	r.Completed(t)
	require.Empty(t, world.Column[string](t, w.Database, "select node from tasks where campaign_id = $1 and attempt > 1", r.ID), "a lease ended because the bus is slow")
}

func redisSilent(t *testing.T, w *world.World, n *network) {
	r := w.Launch(t, world.Options{Platforms: []string{"mastodon"}})
	n.silence("redis")
	time.Sleep(away() / 3)
	reads(t, w)
	n.heal("redis")
	r.ApproveAll(t)
	r.Completed(t)
}

// readOnly: a database that takes no writes is how one full or failed over looks. Nothing goes out that it cannot record.
func readOnly(t *testing.T, w *world.World, _ *network) {
	r := w.Launch(t, world.Options{Platforms: []string{"mastodon"}})
	review := r.Reviews(t, 1)[0]
	fresh := w.Prepare(t, world.Options{})
	readOnlyIs(t, w, "on")
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
	redeemed := world.Column[int64](t, w.Database, "select count(*) from grants g join effects e on e.id = g.effect_id where e.campaign_id = $1 and g.state = 'redeemed'", r.ID)[0]
	time.Sleep(3 * time.Second)
	require.LessOrEqual(t, int64(len(w.Book(t, r).Creations)), redeemed, "published without a redeemed grant on record")
	readOnlyIs(t, w, "off")
	world.Eventually(t, 10*time.Second, "the orchestrators being ready", func() bool {
		return ready(t, w, world.OrchestratorA) && ready(t, w, world.OrchestratorB)
	})
	require.NoError(t, fresh.TryStart(t.Context()))
	fresh.ApproveAll(t)
	fresh.Completed(t)
	r.Completed(t)
}

func readOnlyIs(t *testing.T, w *world.World, value string) {
	t.Helper()
	conn, err := w.Database.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	for _, statement := range []string{"set default_transaction_read_only = off", "alter system set default_transaction_read_only = " + value, "select pg_reload_conf()", "reset default_transaction_read_only"} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	time.Sleep(500 * time.Millisecond) // sessions take it up when they are next idle
}

func postgresSilent(t *testing.T, w *world.World, n *network) {
	r := w.Launch(t, world.Options{Platforms: []string{"bluesky"}})
	r.Reviews(t, 1)
	n.silence("postgres")
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

// memoryAway: recalling says that it could not, and nobody waits for it (R9.3).
func memoryAway(t *testing.T, w *world.World, _ *network) {
	r := w.Launch(t, world.Options{})
	r.ApproveAll(t)
	r.Completed(t)
	took := world.Column[float64](t, w.Database, "select extract(epoch from x.created_at - t.created_at)::float8 from tasks t join results x on x.task_id = t.id where t.campaign_id = $1 and t.node = 'recall'", r.ID)[0]
	require.Less(t, took, 8.0, "a plan waited for the memory")
	require.Equal(t, []bool{true}, world.Column[bool](t, w.Database, "select cardinality(degraded) > 0 from tasks where campaign_id = $1 and node = 'recall'", r.ID))
}

// skillAway: what needs the skill waits, all else goes on, and an approval given meanwhile is carried out once.
func skillAway(t *testing.T, w *world.World, _ *network) {
	approved := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	approved.Reviews(t, 2)
	w.Crash("publisher")
	approved.ApproveAll(t)
	reads(t, w)
	other := w.Launch(t, world.Options{})
	other.AwaitTask(t, "draft", "succeeded")
	time.Sleep(3 * time.Second)
	require.Empty(t, w.Book(t, approved).Creations)
	w.Revive(t, "publisher")
	other.ApproveAll(t)
	for _, r := range []*world.Run{approved, other} {
		r.Completed(t)
	}
}

// identityAway: who is in stays in, people and services, until the keys' cache ends; nobody new comes in.
func identityAway(t *testing.T, w *world.World, _ *network) {
	require.NoError(t, w.OIDC.Kill())
	reads(t, w)
	r := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	r.ApproveAll(t)
	r.Completed(t)
	_, _, err := login.ClientCredentials(t.Context(), w.OIDC.URL, "chimera-worker", "any")
	require.Error(t, err)
	require.NoError(t, w.OIDC.Start(t.Context()))
	require.NoError(t, w.LogIn(t.Context(), "vera"))
	reads(t, w)
}
