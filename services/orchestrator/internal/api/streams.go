package api

import (
	"context"
	"time"

	"connectrpc.com/connect"

	"chimera/gen/go/chimera/platform/v1/platformv1connect"
)

// streams are the calls that go on: each with its own longest time, instead of the deadline of single calls.
var streams = map[string]time.Duration{
	platformv1connect.EventServiceWatchTenantProcedure: maxStream + time.Minute,
	platformv1connect.AuditServiceExportAuditProcedure: maxExport,
}

// failing is failures for both kinds of calls.
type failing struct {
	connect.UnaryInterceptorFunc
	core *core
}

func (f failing) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		if err := next(ctx, conn); err != nil {
			return f.core.fail(ctx, conn.Spec().Procedure, err)
		}
		return nil
	}
}
