package chaos_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// TestTheRefereeFindsPlantedBugs plants the bug that each invariant is there against, lets the real system run with
// it, and demands that the books' referee finds it. A referee that cannot fail proves nothing.
func TestTheRefereeFindsPlantedBugs(t *testing.T) {
	gate(t)
	w := start(t, world.Setup{})
	sound := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	sound.ApproveAll(t)
	sound.Completed(t)
	known := referee.Settle(w.Ledger(t))
	require.Empty(t, known, "without a bug there is nothing to find")
	for _, bug := range []struct {
		name, kind string
		run        func(t *testing.T, w *world.World)
	}{
		{"published, then asked whether it was published", referee.PublishedTwice, naiveOrder},
		{"a trimmed stream, and nobody who sweeps behind it", referee.Stuck, trimmedStream},
		{"a commit without its fence", referee.CommittedTwice, missingFence},
		{"a grant that is not consumed", referee.Unconsumed, livingGrant},
		{"a table without FORCE", referee.Open, func(t *testing.T, w *world.World) { plant(t, w, "alter table posts no force row level security") }},
	} {
		t.Run(bug.name, func(t *testing.T) {
			bug.run(t, w)
			found := slices.DeleteFunc(referee.Settle(w.Ledger(t)), func(f referee.Finding) bool { return slices.Contains(known, f) })
			t.Log(found)
			require.Contains(t, referee.Kinds(found), bug.kind)
			known = append(known, found...)
		})
	}
}

// plant changes the database as its superuser.
func plant(t *testing.T, w *world.World, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := w.Database.Exec(t.Context(), s)
		require.NoError(t, err)
	}
}

// trigger plants a change of every row of a table right before it is written, until the test ends.
func trigger(t *testing.T, w *world.World, table, body string) {
	t.Helper()
	plant(t, w, "create or replace function public.planted() returns trigger language plpgsql as $$ begin "+body+" return new; end $$",
		"create trigger planted before insert or update on "+table+" for each row execute function public.planted()")
	t.Cleanup(func() { _, _ = w.Database.Exec(context.Background(), "drop trigger if exists planted on "+table) })
}

// naiveOrder: a publisher whose posts carry another key each time and that does not find what it sent.
func naiveOrder(t *testing.T, w *world.World) {
	back := w.Alter(t, "publisher", "skills/publisher/mastodon.go",
		"permit.PlatformKey, status)", `permit.PlatformKey+time.Now().Format(".000000"), status)`, "if matches(have, s.payload) {", "if false && matches(have, s.payload) {")
	defer back()
	r := w.Prepare(t, world.Options{Platforms: []string{"mastodon"}})
	lost := w.Sandbox.Fail(t, world.Fault{Kind: "drop_after_success", Op: "post.create", Account: r.Accounts[0].GetHandle()})
	r.Start(t, t.Context()).ApproveAll(t)
	world.Eventually(t, time.Minute, "the second post", func() bool { return len(w.Sandbox.Creations(t, r.Accounts[0].GetHandle())) > 1 })
	require.Equal(t, 1, lost())
	r.AwaitTask(t, "publish", "succeeded", "failed", "unknown")
}

// trimmedStream: what was put on the bus is cut off, as MAXLEN does, and the sweeper believes that all is young.
func trimmedStream(t *testing.T, w *world.World) {
	trigger(t, w, "tasks", "if new.state = 'queued' then new.dispatched_at := now() + interval '1 day'; end if;")
	for _, name := range w.Workers() {
		w.Crash(name) // else they are faster than the trimming
	}
	r := w.Launch(t, world.Options{})
	r.AwaitTask(t, "collect", "queued")
	r.AwaitTask(t, "recall", "queued")
	world.Eventually(t, 10*time.Second, "the tasks' messages", func() bool { return len(w.Entries(t, "aurora", "task")) >= 2 })
	require.NoError(t, w.Streams.XTrimMaxLen(t.Context(), w.Stream("aurora", "task"), 0).Err())
	for _, name := range w.Workers() {
		w.Revive(t, name)
	}
	time.Sleep(2 * world.Lease) // past every deadline that would have brought them back
	require.Equal(t, "queued", r.Task(t, "collect").State)
}

// missingFence: the first commit of a task is overwritten by somebody who read the row before it.
func missingFence(t *testing.T, w *world.World) {
	trigger(t, w, "tasks", "if new.state = 'succeeded' and new.node = 'collect' and new.attempt = 1 then new.state := 'ready'; end if;")
	r := w.Launch(t, world.Options{})
	r.ApproveAll(t)
	r.Completed(t)
	require.Equal(t, 2, r.Task(t, "collect").Attempt)
}

// livingGrant: redeeming checks everything and forgets to use the grant up.
func livingGrant(t *testing.T, w *world.World) {
	trigger(t, w, "grants", "if new.state = 'redeemed' then new.state := 'issued'; new.redeemed_at := null; end if;")
	r := w.Launch(t, world.Options{})
	r.ApproveAll(t)
	r.Completed(t)
}
