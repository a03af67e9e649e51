package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/world"
)

// platformFaults: whatever a platform answers, what was approved is out once. All faults at once, each on accounts
// of its own.
func platformFaults(t *testing.T, w *world.World) {
	faults := []world.Fault{
		{Kind: "rate_limit", Op: "post.create", Count: 2, RetryAfterS: 1},
		{Kind: "error_500_before", Op: "post.create"},
		{Kind: "error_500_after", Op: "post.create"},
		{Kind: "timeout_after_success", Op: "post.create", DelayMS: 3000},
		{Kind: "drop_after_success", Op: "post.create", Count: 2},
		{Kind: "read_lag", Op: "post.create", DelayMS: 2500},
		{Kind: "dead_token", Variant: "expired"},
	}
	type trial struct {
		run   *world.Run
		fired func() int
		name  string
	}
	var trials []trial
	for _, platform := range []string{"bluesky", "mastodon"} {
		for _, f := range faults {
			if f.Kind == "dead_token" && platform == "mastodon" {
				continue // its tokens do not expire; a dead one is deadCredential's
			}
			r := w.Prepare(t, world.Options{Platforms: []string{platform}})
			f.Platform, f.Account = platform, r.Accounts[0].GetHandle()
			trials = append(trials, trial{r, w.Sandbox.Fail(t, f), platform + " " + f.Kind})
			r.Start(t, t.Context())
		}
	}
	// The platform has the post, hides it for longer than it ever should, and answers 500 to the same key: even a
	// resend that should not have happened makes no second post.
	for _, platform := range []string{"bluesky", "mastodon"} {
		r := w.Prepare(t, world.Options{Platforms: []string{platform}})
		on := world.Fault{Platform: platform, Op: "post.create", Account: r.Accounts[0].GetHandle()}
		lag, drop, lie := on, on, on
		lag.Kind, lag.DelayMS, drop.Kind, drop.Count, lie.Kind, lie.Count = "read_lag", 9000, "drop_after_success", 1, "error_on_existing_key", 2
		w.Sandbox.Fail(t, lag)
		w.Sandbox.Fail(t, drop)
		trials = append(trials, trial{r, w.Sandbox.Fail(t, lie), platform + " error_on_existing_key"})
		r.Start(t, t.Context())
	}
	for _, tr := range trials {
		tr.run.ApproveAll(t)
	}
	for _, tr := range trials {
		t.Run(tr.name, func(t *testing.T) {
			tr.run.Completed(t)
			require.NotZero(t, tr.fired(), "the fault never came up")
			clean(t, w, tr.run)
			require.Len(t, w.Book(t, tr.run).Creations, 1)
		})
	}
}

// deadCredential: a refused secret is shown on the account, publishes nothing, and is healed by another.
func deadCredential(t *testing.T, w *world.World) {
	for _, platform := range []string{"bluesky", "mastodon"} {
		t.Run(platform, func(t *testing.T) {
			r := w.Prepare(t, world.Options{Platforms: []string{platform}})
			account := r.Accounts[0]
			w.Sandbox.Fail(t, world.Fault{Kind: "dead_token", Variant: "invalid", Account: account.GetHandle(), Count: 500})
			r.Start(t, t.Context()).ApproveAll(t)
			ada := w.As("ada")
			var now *platformv1.Account
			world.Eventually(t, world.Patience, "the account being shown as dead", func() bool {
				got, err := ada.GetAccount(t.Context(), &platformv1.GetAccountRequest{AccountId: account.GetId()})
				require.NoError(t, err)
				now = got.GetAccount()
				return now.GetHealth() == platformv1.AccountHealth_ACCOUNT_HEALTH_CREDENTIAL_DEAD
			})
			r.Finished(t)
			require.Empty(t, w.Book(t, r).Creations)
			w.Sandbox.Heal(t)
			healed, err := ada.ReplaceSecret(t.Context(), &platformv1.ReplaceSecretRequest{AccountId: account.GetId(), StateVersion: now.GetStateVersion(), Secret: w.AccountSecret(account)})
			require.NoError(t, err)
			require.Equal(t, platformv1.AccountHealth_ACCOUNT_HEALTH_OK, healed.GetAccount().GetHealth())
			again := r.Again(t)
			again.ApproveAll(t)
			again.Completed(t)
			require.Len(t, w.Book(t, again).Creations, 1)
		})
	}
}

// stopSwitch: while it is on nothing is published and running calls end; released, everything goes on.
func stopSwitch(t *testing.T, w *world.World) {
	var runs []*world.Run
	for range 3 {
		runs = append(runs, w.Launch(t, world.Options{}))
	}
	for _, r := range runs {
		r.Reviews(t, 1)
	}
	stop, err := w.As("olga").PressStop(t.Context(), &platformv1.PressStopRequest{Scope: platformv1.StopScope_STOP_SCOPE_TENANT, Reason: "drill"})
	require.NoError(t, err)
	for _, r := range runs {
		r.ApproveAll(t)
	}
	time.Sleep(2 * time.Second) // several rounds of dispatch
	require.Empty(t, w.Book(t, runs...).Creations, "published while the stop switch was on")
	release(t, w, stop.GetStop())
	for _, r := range runs {
		r.Completed(t)
	}
	clean(t, w, runs...)

	r := w.Prepare(t, world.Options{Platforms: []string{"mastodon"}})
	began := w.Sandbox.Fail(t, world.Fault{Kind: "slow", Op: "post.get", Account: r.Accounts[0].GetHandle(), DelayMS: 60_000})
	r.Start(t, t.Context()).ApproveAll(t)
	world.Eventually(t, world.Patience, "a running call", func() bool { return began() == 1 })
	require.Equal(t, "running", r.Task(t, "readback").State)
	stop, err = w.As("olga").PressStop(t.Context(), &platformv1.PressStopRequest{Scope: platformv1.StopScope_STOP_SCOPE_CAMPAIGN, ScopeId: r.ID, Reason: "drill"})
	require.NoError(t, err)
	pressed := time.Now()
	world.Eventually(t, 5*time.Second, "the running call's end", func() bool { return r.Task(t, "readback").State != "running" })
	t.Logf("the running call ended %s after the switch", time.Since(pressed).Round(time.Millisecond))
	time.Sleep(time.Second)
	require.True(t, slices.Contains([]string{"ready", "queued"}, r.Task(t, "readback").State), r.Task(t, "readback").State)
	release(t, w, stop.GetStop())
	r.Completed(t)
	clean(t, w, r)
}

func release(t *testing.T, w *world.World, stop *platformv1.Stop) {
	t.Helper()
	_, err := w.As("ada").ReleaseStop(t.Context(), &platformv1.ReleaseStopRequest{StopId: stop.GetId(), StateVersion: stop.GetStateVersion(), Reason: "drill over"})
	require.NoError(t, err)
}
