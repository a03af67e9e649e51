package api_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	pb "chimera/gen/go/chimera/platform/v1"
	"chimera/gen/go/chimera/platform/v1/platformv1connect"
	"chimera/services/kit/boot"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/changes"
)

// stream opens WatchTenant and reads its Hello.
func stream(t *testing.T, client *http.Client, url string, kinds ...pb.ChangeKind) *connect.ServerStreamForClient[pb.WatchTenantResponse] {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	s, err := platformv1connect.NewEventServiceClient(client, url).WatchTenant(ctx, &pb.WatchTenantRequest{Kinds: kinds})
	require.NoError(t, err)
	require.True(t, s.Receive(), "%v", s.Err())
	require.NotNil(t, s.Msg().GetHello())
	return s
}

// changed reads on to the next hint.
func changed(t *testing.T, s *connect.ServerStreamForClient[pb.WatchTenantResponse]) *pb.Changed {
	t.Helper()
	for s.Receive() {
		if c := s.Msg().GetChanged(); c != nil {
			return c
		}
	}
	t.Fatalf("the stream ended: %v", s.Err())
	return nil
}

// TestStreamTellsWhatChanged (F-30): after the commit, in the own tenant only, and only what was asked for.
func TestStreamTellsWhatChanged(t *testing.T) {
	b := apitest.Start(t)
	a, other := b.Seed("tenant-a"), b.Seed("tenant-b")
	s := stream(t, b.Member(a, "viewer"), b.URL, pb.ChangeKind_CHANGE_KIND_REVIEW)
	_, err := b.Commit.ClaimReview(t.Context(), other.Scope(), other.Review, 1)
	require.NoError(t, err)
	_, err = b.Commit.SetAccountDisabled(t.Context(), a.Scope(), a.Account, a.AccountVersion, true)
	require.NoError(t, err)
	_, err = b.Commit.ClaimReview(t.Context(), a.Scope(), a.Review, 1)
	require.NoError(t, err)
	c := changed(t, s)
	require.Equal(t, []pb.ChangeKind{pb.ChangeKind_CHANGE_KIND_REVIEW}, c.GetKinds())
	require.Contains(t, c.GetObjectIds(), a.Review)
	require.NotContains(t, c.GetObjectIds(), other.Review, "another tenant's id")
	require.False(t, c.GetDegraded())
}

// TestStreamEndsWithTheTokenAndTheMembership (F-30, R13.2).
func TestStreamEndsWithTheTokenAndTheMembership(t *testing.T) {
	b := apitest.Start(t, func(d *api.Deps) { d.Heartbeat, d.MembershipTTL = 100*time.Millisecond, 100*time.Millisecond })
	tenant := b.Seed("tenant-a")
	claims := b.Issuer.Claims(apitest.Subject("viewer", "tenant-a"))
	claims["exp"] = time.Now().Add(1500 * time.Millisecond).Unix()
	s, heartbeats := stream(t, b.As(b.Issuer.Token(claims), ""), b.URL), 0
	for s.Receive() {
		if s.Msg().GetHeartbeat() != nil {
			heartbeats++
		}
	}
	require.NoError(t, s.Err(), "it ends by itself")
	require.Positive(t, heartbeats)

	s = stream(t, b.Member(tenant, "operator"), b.URL)
	require.True(t, s.Receive(), "a member's stream goes on")
	require.NoError(t, b.Commit.RemoveMember(t.Context(), tenant.Scope(), apitest.Subject("operator", "tenant-a")))
	for s.Receive() {
	}
	require.NoError(t, s.Err())
}

// TestStreamsAreBounded (F-30): one person cannot take them all.
func TestStreamsAreBounded(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	viewer := b.Member(tenant, "viewer")
	for range 20 {
		stream(t, viewer, b.URL)
	}
	a := b.Call(viewer, method(t, "EventService.WatchTenant"), &pb.WatchTenantRequest{}, "")
	require.Equal(t, "resource_exhausted", a.Code, string(a.Body))
	stream(t, b.Member(tenant, "admin"), b.URL)
}

// TestStreamGuessesWhileHintsAreAway (F-30): without the bus the pages are told to look every few seconds.
func TestStreamGuessesWhileHintsAreAway(t *testing.T) {
	down := changes.Carrier{Subscribe: func(ctx context.Context, _ func([]byte), listening func(bool)) error {
		listening(false)
		<-ctx.Done()
		return nil
	}}
	board := changes.NewBoard(down, slog.New(slog.DiscardHandler))
	b := apitest.Start(t, func(d *api.Deps) { d.Changes, d.Heartbeat = board, 300*time.Millisecond })
	tenant := b.Seed("tenant-a")
	c := changed(t, stream(t, b.Member(tenant, "viewer"), b.URL))
	require.True(t, c.GetDegraded())
	require.Len(t, c.GetKinds(), len(pb.ChangeKind_name)-1)
	require.True(t, slices.IsSorted(c.GetKinds()))
	require.Empty(t, c.GetObjectIds())
}

// TestStreamsDoNotHoldUpTheStop (F-30): an open page costs a stopping orchestrator nothing.
func TestStreamsDoNotHoldUpTheStop(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	people, err := api.PlatformHandler(b.Deps)
	require.NoError(t, err)
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- boot.ServeListener(ctx, slog.New(slog.DiscardHandler), ln, people) }()
	s := stream(t, b.Member(tenant, "viewer"), "http://"+ln.Addr().String())
	start := time.Now()
	stop()
	for s.Receive() {
	}
	require.NoError(t, s.Err())
	require.NoError(t, <-served)
	require.Less(t, time.Since(start), 5*time.Second)
}
