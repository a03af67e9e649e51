package api

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/boot"
)

const (
	// guessEvery is how often anything may have changed while no hints come.
	guessEvery = 5 * time.Second
	// maxStream ends a stream that its client would keep for ever.
	maxStream = 15 * time.Minute
)

type events struct{ *core }

// WatchTenant carries hints only (decision 0061).
func (s events) WatchTenant(ctx context.Context, _ *platformv1.WatchTenantRequest, stream *connect.ServerStream[platformv1.WatchTenantResponse]) error {
	ends := s.Now().Add(maxStream)
	ctx, cancel := context.WithDeadline(ctx, ends)
	defer cancel()
	hello := &platformv1.Hello{ServerTime: timestamppb.New(s.Now()), Interval: durationpb.New(guessEvery), EndsAt: timestamppb.New(ends)}
	if err := stream.Send(&platformv1.WatchTenantResponse{Event: &platformv1.WatchTenantResponse_Hello{Hello: hello}}); err != nil {
		return err
	}
	tick := time.NewTicker(guessEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-boot.Draining(ctx):
			return nil
		case <-tick.C:
			changed := &platformv1.Changed{Degraded: true}
			for k := range platformv1.ChangeKind_name {
				if k > 0 {
					changed.Kinds = append(changed.Kinds, platformv1.ChangeKind(k))
				}
			}
			if err := stream.Send(&platformv1.WatchTenantResponse{Event: &platformv1.WatchTenantResponse_Changed{Changed: changed}}); err != nil {
				return err
			}
		}
	}
}
