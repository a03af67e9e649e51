package api

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/boot"
	"chimera/services/orchestrator/internal/changes"
)

const (
	// guesses come this often in the time of a heartbeat while hints of other replicas do not come in: every 5 s.
	guesses = 3
	// pace is the least time between two messages of a stream.
	pace = 250 * time.Millisecond
	// maxStream ends a stream that its client would keep for ever.
	maxStream = 15 * time.Minute
)

type events struct{ *core }

// watching is one open stream of WatchTenant.
type watching struct {
	*core
	who    caller
	watch  *changes.Watch
	wanted changes.Kind
	stream *connect.ServerStream[platformv1.WatchTenantResponse]
}

// WatchTenant carries hints only (decision 0061). It ends in silence: its client calls again, and is then told
// what it may not do any more.
func (s events) WatchTenant(ctx context.Context, req *platformv1.WatchTenantRequest, stream *connect.ServerStream[platformv1.WatchTenantResponse]) error {
	who := callerFrom(ctx)
	watch, err := s.Changes.Watch(who.scope().Tenant, who.identity.Subject)
	if err != nil {
		return err
	}
	defer watch.Close()
	now := s.Now()
	ends := now.Add(maxStream)
	if who.identity.Expires.Before(ends) {
		ends = who.identity.Expires
	}
	ctx, cancel := context.WithTimeout(ctx, ends.Sub(now))
	defer cancel()
	w := watching{core: s.core, who: who, watch: watch, wanted: changes.Of(req.GetKinds()), stream: stream}
	hello := &platformv1.Hello{ServerTime: timestamppb.New(now), Interval: durationpb.New(s.Heartbeat), EndsAt: timestamppb.New(ends)}
	if err := stream.Send(&platformv1.WatchTenantResponse{Event: &platformv1.WatchTenantResponse_Hello{Hello: hello}}); err != nil {
		return nil // the client left
	}
	return w.run(ctx)
}

func (w watching) run(ctx context.Context) error {
	heartbeat, guess := time.NewTicker(w.Heartbeat), time.NewTicker(w.Heartbeat/guesses)
	defer heartbeat.Stop()
	defer guess.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-boot.Draining(ctx):
			return nil
		case <-w.watch.Changed():
			err = w.tell(ctx, w.watch.Take(), false)
		case <-guess.C:
			if w.Changes.Degraded() {
				err = w.tell(ctx, changes.Everything(), true)
			}
		case <-heartbeat.C:
			if !w.still(ctx) {
				return nil
			}
			err = w.stream.Send(&platformv1.WatchTenantResponse{Event: &platformv1.WatchTenantResponse_Heartbeat{Heartbeat: &platformv1.Heartbeat{ServerTime: timestamppb.New(w.Now())}}})
		}
		if err != nil {
			return nil // the client left
		}
	}
}

// tell sends what is wanted of a hint: named objects and whole kinds are two messages.
func (w watching) tell(ctx context.Context, h changes.Hint, degraded bool) error {
	named, whole := h.Split(w.wanted)
	for _, c := range []*platformv1.Changed{{Kinds: kindsOf(named), ObjectIds: h.IDs, Degraded: degraded}, {Kinds: kindsOf(whole), Degraded: degraded}} {
		if len(c.GetKinds()) == 0 {
			continue
		}
		if err := w.stream.Send(&platformv1.WatchTenantResponse{Event: &platformv1.WatchTenantResponse_Changed{Changed: c}}); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pace):
		}
	}
	return nil
}

func kindsOf(k changes.Kind) []platformv1.ChangeKind {
	return all(k.Numbers(), func(n int32) platformv1.ChangeKind { return platformv1.ChangeKind(n) })
}

// still looks whether the caller is a member as before (R13.2). When it cannot be known the stream goes on: it
// tells ids only, and what they stand for is behind the same check.
func (w watching) still(ctx context.Context) bool {
	list, err := w.memberships.of(ctx, w.who.identity.Subject)
	if err != nil {
		return true
	}
	for _, m := range list {
		if m.TenantID == w.who.chosen.TenantID {
			return ranks[m.Role] >= ranks["viewer"]
		}
	}
	return false
}
