package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// clean asserts that a finished campaign lost nothing and did nothing twice.
func clean(t *testing.T, w *world.World, runs ...*world.Run) {
	t.Helper()
	b := w.Book(t, runs...)
	require.Empty(t, referee.Audit(b))
	require.Empty(t, referee.Unfinished(b))
}

// mainJob: goal → proposal → approval → one post per platform → read back → counted, and all of it on the record.
func mainJob(t *testing.T, w *world.World) {
	r := w.Launch(t, world.Options{Platforms: []string{"bluesky", "mastodon"}})
	r.Reviews(t, 2)
	require.Empty(t, w.Book(t, r).Creations, "nothing may be public before a person approved it (R10.5)")
	r.ApproveAll(t)
	r.Completed(t)
	clean(t, w, r)
	posts := r.Posts(t)
	require.Len(t, posts, 2)
	for _, p := range posts {
		require.True(t, p.GetReadBackMatches(), p.GetPlatform())
		require.Equal(t, "sub-rafael", strings.TrimPrefix(p.GetApprovedBy(), "user:"))
		require.NotNil(t, p.GetMetrics().GetCollectedAt())
		hops := timeline(t, w, p.GetId())
		require.Empty(t, referee.Timeline(hops), p.GetPlatform())
		// Planted: a timeline whose grant is missing is not complete.
		var without []referee.Hop
		for _, h := range hops {
			if h.Stage != "grant" {
				without = append(without, h)
			}
		}
		require.Equal(t, []string{"missing: grant"}, referee.Timeline(without))
	}
	plantedBookFaults(t, w, r)
	auditChain(t, w)
}

func timeline(t *testing.T, w *world.World, post string) []referee.Hop {
	t.Helper()
	got, err := w.As("vera").GetPost(t.Context(), &platformv1.GetPostRequest{PostId: post})
	require.NoError(t, err)
	var hops []referee.Hop
	for _, e := range got.GetTimeline() {
		hops = append(hops, referee.Hop{Stage: e.GetStage(), At: e.GetAt().AsTime()})
	}
	return hops
}

// plantedBookFaults: each fault that the referee is there for turns it red on this very campaign.
func plantedBookFaults(t *testing.T, w *world.World, r *world.Run) {
	t.Helper()
	for _, p := range []struct {
		statement, finding string
		find               func(referee.Book) []string
	}{
		{"delete from tasks where campaign_id = $1 and node = 'collect'", "lost: the plan's collect", referee.Unfinished},
		{"update tasks set state = 'unknown' where campaign_id = $1 and node like 'publish:%'", "stuck: publish:", referee.Unfinished},
		{"update effects set platform_key = '3zzzzzzzzzzzz' where campaign_id = $1 and tool = 'publisher.publish' and account_id = (select min(account_id::text)::uuid from effects where campaign_id = $1)", "lost: ", referee.Audit},
		{"delete from effects where campaign_id = $1", "unknown: ", referee.Audit},
		{"delete from posts where campaign_id = $1", "post: ", referee.Audit},
		{"update posts set text = text || '!' where campaign_id = $1", "bytes: ", referee.Audit},
		{"update reviews set payload_sha256 = repeat('0', 64) where campaign_id = $1", "unapproved: ", referee.Audit},
		{"update effects set state = 'failed' where campaign_id = $1", "unaccounted: ", referee.Audit},
	} {
		w.Planted(t, p.statement, []any{r.ID}, func(q world.Querier) {
			require.Contains(t, strings.Join(p.find(w.BookIn(t, q, r)), "\n"), p.finding, p.statement)
		})
	}
	b := w.Book(t, r)
	b.Creations = append(b.Creations, b.Creations[0])
	require.Contains(t, strings.Join(referee.Audit(b), "\n"), "twice: ")
	// Really: the same text once more, past the system, straight onto the platform.
	for _, p := range r.Posts(t) {
		if p.GetPlatform() == "mastodon" {
			w.PostPastTheSystem(t, r.Account("mastodon"), p.GetText())
		}
	}
	found := strings.Join(referee.Audit(w.Book(t, r)), "\n")
	require.Contains(t, found, "no effect knows it")
	require.Contains(t, found, "carries a text that is there already")
}

// auditChain verifies by the command and by the API, and finds a row that a superuser touched.
func auditChain(t *testing.T, w *world.World) {
	t.Helper()
	out, err := w.TryCommand(t, nil, "audit", "verify")
	require.NoError(t, err, out)
	require.Contains(t, out, "entries hold")
	got, err := w.As("ada").VerifyAuditChain(t.Context(), &platformv1.VerifyAuditChainRequest{})
	require.NoError(t, err)
	require.True(t, got.GetIntact(), got.GetFinding())

	tamper := func(actor string) {
		_, err := w.Database.Exec(t.Context(), "set session_replication_role = replica; update audit_entries set actor = '"+actor+"' where seq = 5 and tenant_id = '"+uuid.MustParse(w.Tenants["aurora"]).String()+"'; reset session_replication_role")
		require.NoError(t, err)
	}
	was := world.Column[string](t, w.Database, "select actor from audit_entries where seq = 5 and tenant_id = $1", w.Tenants["aurora"])
	require.Len(t, was, 1)
	tamper("user:somebody-else")
	out, err = w.TryCommand(t, nil, "audit", "verify", "aurora")
	require.Error(t, err)
	require.Contains(t, out, "BROKEN at entry 5")
	tamper(was[0])
	_, err = w.TryCommand(t, nil, "audit", "verify")
	require.NoError(t, err)
}
