package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"connectrpc.com/connect"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/boot"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/store"
)

// TenantHeader chooses among the caller's memberships, by id or slug. It is never trusted beyond them.
const TenantHeader = "chimera-tenant"

// admit lets a call in or refuses it before its message is read: token, membership, permission.
func (c *core) admit(ctx context.Context, spec connect.Spec, _ connect.Peer, header http.Header) (_ context.Context, err error) {
	defer func() {
		// Connect recovers panics in methods only.
		if p := recover(); p != nil {
			err = c.fail(ctx, spec.Procedure, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	who, err := c.identify(ctx, spec, header)
	if err == nil {
		ctx = who.into(ctx)
		err = who.allow(permissionOf(spec))
	}
	if err != nil {
		return nil, c.fail(ctx, spec.Procedure, err)
	}
	return ctx, nil
}

func (c *core) identify(ctx context.Context, spec connect.Spec, header http.Header) (caller, error) {
	who := caller{procedure: spec.Procedure, request: boot.IDsFrom(ctx).Request}
	var err error
	if who.identity, err = c.Verifier.Verify(ctx, header.Values("Authorization")); err != nil || !who.identity.Person() {
		return who, err
	}
	if who.memberships, err = c.memberships.of(ctx, who.identity.Subject); err != nil {
		return who, err
	}
	choices := header.Values(TenantHeader)
	switch {
	case len(choices) > 1:
		return who, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "send the header %s once", TenantHeader)
	case len(choices) == 0 || choices[0] == "":
		if len(who.memberships) == 1 {
			who.chosen = &who.memberships[0]
		}
		return who, nil
	}
	for i, m := range who.memberships {
		if choices[0] == m.TenantID || choices[0] == m.Slug {
			who.chosen = &who.memberships[i]
			return who, nil
		}
	}
	c.reportChoice(ctx, who, choices[0])
	// The same for a tenant of others as for none: its existence is not the caller's to learn.
	return who, errs.New(errs.Denied, typev1.Reason_REASON_PERMISSION_DENIED, "you are not a member of this tenant")
}

// reportChoice records in the caller's own tenants that they asked for somebody else's (R9.5), after answering.
func (c *core) reportChoice(ctx context.Context, who caller, choice string) {
	c.afterwards(ctx, func(ctx context.Context) {
		exists, err := c.Store.TenantExists(ctx, choice)
		if err != nil || !exists {
			return
		}
		c.Log.WarnContext(ctx, "foreign tenant chosen", slog.String("actor", who.identity.Subject), slog.String("procedure", who.procedure))
		for _, m := range firstFew(who.memberships) {
			own := tenancy.Scope{Tenant: tenancy.ID(m.TenantID), Actor: who.identity.Actor(), RequestID: who.request}
			c.record(ctx, own, "cross_tenant_choice", "asked to act for a tenant without being its member, at "+who.procedure)
		}
	})
}

// firstFew bounds what one refused request can write.
func firstFew(all []store.Membership) []store.Membership { return all[:min(len(all), 20)] }
