package commit_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/commit/committest"
	"chimera/services/orchestrator/internal/store"
)

// A question to Postgres costs both sides as much as a small statement, so a submission asks few (decision 0074): what is
// known is not read again, and what does not depend on each other goes out together.
func TestASubmissionAsksPostgresLittle(t *testing.T) { // R7.4
	w, _ := begin(t)
	at, err := url.Parse(w.URL)
	require.NoError(t, err)
	counted := countRoundTrips(t, at.Host)
	at.Host = counted.addr
	w.Store = committest.OpenStore(t, at.String())
	w.Restart()

	submitted := 0
	submit := func() (create, start int64) {
		submitted++
		before := counted.n.Load()
		made, err := w.Commit.CreateCampaign(t.Context(), w.Operator, commit.Idempotency{Method: "m", Key: strconv.Itoa(submitted), RequestSHA256: "s"},
			store.Campaign{AgentID: strings.ToUpper(w.Agent.ID), Name: "n", Goal: "g", Playbook: "trend-post"},
			&platformv1.CampaignParameters{Feeds: []string{"https://example.org/feed.xml"}}, []string{strings.ToUpper(w.Account.ID)})
		require.NoError(t, err)
		between := counted.n.Load()
		require.Equal(t, "draft", made.State)
		require.Equal(t, w.Agent.Name, made.AgentName)
		require.Equal(t, []string{w.Account.ID}, made.AccountIDs)
		require.Empty(t, made.Progress)
		started, err := w.Commit.StartCampaign(t.Context(), w.Operator, made.ID, made.StateVersion)
		require.NoError(t, err)
		after := counted.n.Load()
		w.Read(w.Operator, func(ctx context.Context, tx *store.Tx) error {
			row, err := tx.CampaignGet(ctx, made.ID)
			require.NoError(t, err)
			require.Equal(t, row, started.Campaign, "what was not read again is what is there")
			progress, err := tx.CampaignsProgress(ctx, []string{made.ID})
			require.NoError(t, err)
			require.Equal(t, progress[made.ID], started.Progress)
			return err
		})
		return between - before, after - between
	}
	submit() // prepares the statements
	submit()
	create, start := submit()
	t.Logf("%d questions for creating, %d for starting", create, start)
	require.LessOrEqual(t, create, int64(4))
	require.LessOrEqual(t, start, int64(4))
}

// Decisions 0077 and 0079: from the claim to the verdict a step asks what it must wait for, and nothing else.
func TestAStepAsksPostgresLittle(t *testing.T) { // R7.4
	w, _ := begin(t)
	at, err := url.Parse(w.URL)
	require.NoError(t, err)
	counted := countRoundTrips(t, at.Host)
	at.Host = counted.addr
	w.Store = committest.OpenStore(t, at.String())
	w.Restart()
	w.Start(w.Operator, w.Agent, w.Account, 0)
	asked := [2][4]int64{}
	for i, m := range w.Take(w.Operator) { // two campaigns' first two steps each
		from := counted.n.Load()
		count := func(what int) {
			now := counted.n.Load()
			asked[what][i], from = now-from, now
		}
		claimed := w.Claim(m)
		count(0)
		recorded, err := w.Commit.RecordResult(t.Context(), w.Operator, committest.Success(m, claimed, committest.Output(m)))
		require.NoError(t, err)
		require.True(t, recorded.Applied)
		count(1)
	}
	t.Logf("%v questions for claims, %v for results with their verdicts", asked[0], asked[1])
	// The first of all prepares the statements, the first campaign's plan is read, the second of a campaign readies the third.
	require.LessOrEqual(t, asked[0][3], int64(1))
	require.LessOrEqual(t, asked[1][2], int64(5))
}

// Decision 0080: the beginning travels with the first question, so one question is two round trips, with the commit, and
// no question is none.
func TestATransactionBeginsWithItsFirstQuestion(t *testing.T) { // R7.4
	w, _ := begin(t)
	at, err := url.Parse(w.URL)
	require.NoError(t, err)
	counted := countRoundTrips(t, at.Host)
	at.Host = counted.addr
	s := committest.OpenStore(t, at.String())
	read := func(fn func(ctx context.Context, tx *store.Tx) error) int64 {
		before := counted.n.Load()
		require.NoError(t, s.Read(t.Context(), w.Operator, fn))
		return counted.n.Load() - before
	}
	ask := func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AgentGet(ctx, w.Agent.ID)
		return err
	}
	read(ask) // connects and prepares the statements
	require.Equal(t, int64(2), read(ask))
	require.Zero(t, read(func(context.Context, *store.Tx) error { return nil }))
	require.Equal(t, int64(3), read(func(ctx context.Context, tx *store.Tx) error {
		require.False(t, tx.Now().IsZero(), "who asks for the time alone begins")
		return ask(ctx, tx)
	}))
}

// roundTrips is a way to Postgres that counts how often the far side is asked: a Sync ends each question of the extended
// protocol, however many statements are in it.
type roundTrips struct {
	addr string
	n    atomic.Int64
}

func countRoundTrips(t *testing.T, upstream string) *roundTrips {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	r := &roundTrips{addr: ln.Addr().String()}
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", upstream)
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
			go func() { r.forward(server, client); _ = server.Close() }()
		}
	}()
	return r
}

// forward copies a client's messages: the first has no type, each later one a byte of type before its length.
func (r *roundTrips) forward(to io.Writer, from io.Reader) {
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[:4]
		}
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		size := head[len(head)-4:]
		body := make([]byte, binary.BigEndian.Uint32(size)-4)
		if _, err := io.ReadFull(from, body); err != nil {
			return
		}
		if !first && (head[0] == 'S' || head[0] == 'Q') {
			r.n.Add(1)
		}
		if _, err := to.Write(slices.Concat(head, body)); err != nil {
			return
		}
	}
}
