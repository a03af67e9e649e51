package api

import (
	"context"
	"log/slog"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
)

const (
	// maxLooking bounds the checks that run at once; maxIDs the ids checked of one request.
	maxLooking = 16
	maxIDs     = 64
	lookWithin = 5 * time.Second
)

// foreign finds cross-tenant attempts (R9.5): when a call with ids ends as not found, it is found out afterwards
// whether they were somebody else's. The answer is the same either way and does not wait for it; only the
// caller's own admins see the event.
func (c *core) foreign() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			resp, err := next(ctx, req)
			who := callerFrom(ctx)
			msg, ok := req.Any().(proto.Message)
			if err == nil || who.chosen == nil || !ok {
				return resp, err
			}
			switch errs.KindOf(err) {
			case errs.NotFound:
				c.reportForeignIDs(ctx, who, uuidsIn(msg, maxIDs))
			case errs.Invalid:
				c.reportForeignToken(ctx, who, msg)
			}
			return resp, err
		}
	}
}

func (c *core) reportForeignIDs(ctx context.Context, who caller, ids []string) {
	if len(ids) == 0 {
		return
	}
	sc := who.scope()
	c.afterwards(ctx, func(ctx context.Context) {
		for _, id := range ids {
			owner, err := c.Store.OwnerOf(ctx, id)
			if err != nil {
				c.Log.ErrorContext(ctx, "foreign id not checked", slog.Any("error", err))
				return
			}
			if owner == "" || owner == sc.Tenant {
				continue
			}
			c.Log.WarnContext(ctx, "cross-tenant id", slog.String("actor", sc.Actor), slog.String("procedure", who.procedure), slog.String("object_id", id))
			c.record(ctx, sc, "cross_tenant_id", "asked for "+id+", which is not this tenant's, at "+who.procedure)
		}
	})
}

func (c *core) reportForeignToken(ctx context.Context, who caller, msg proto.Message) {
	paged, ok := msg.(pagedRequest)
	if !ok || paged.GetPageToken() == "" {
		return
	}
	sc := who.scope()
	c.afterwards(ctx, func(ctx context.Context) {
		if owner, ok := c.pages.owner(who.procedure, paged.GetPageToken()); ok && owner != sc.Tenant {
			c.Log.WarnContext(ctx, "cross-tenant page token", slog.String("actor", sc.Actor), slog.String("procedure", who.procedure))
			c.record(ctx, sc, "cross_tenant_page_token", "used a page token of another tenant at "+who.procedure)
		}
	})
}

// afterwards runs fn beside the answer. When too many run already the call waits its turn, whatever fn would
// find: nothing is dropped, and the wait tells nothing.
func (c *core) afterwards(ctx context.Context, fn func(ctx context.Context)) {
	select {
	case c.looking <- struct{}{}:
	case <-ctx.Done():
		c.Log.ErrorContext(ctx, "no room to check for a cross-tenant attempt")
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWithin)
		defer cancel()
		defer func() { <-c.looking }()
		fn(ctx)
	}()
}

func (c *core) record(ctx context.Context, sc tenancy.Scope, kind, detail string) {
	if !c.events.take(sc.Tenant) {
		c.Log.WarnContext(ctx, "security event held back: too many", slog.String("kind", kind), slog.String("actor", sc.Actor), slog.String("detail", detail))
		return
	}
	if err := c.Commit.RecordSecurityEvent(ctx, sc, kind, detail); err != nil {
		c.Log.ErrorContext(ctx, "security event not recorded", slog.String("kind", kind), slog.Any("error", err))
	}
}
