package api

import (
	"context"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/boot"
	"chimera/services/orchestrator/internal/api/authn"
	"chimera/services/orchestrator/internal/store"
)

// caller is who was admitted, for which tenant and to which method.
type caller struct {
	identity    authn.Identity
	memberships []store.Membership
	// chosen is nil for services, and for people who have not chosen a tenant and need none.
	chosen    *store.Membership
	procedure string
	request   string
}

type callerKey struct{}

// callerFrom answers the zero caller where none was admitted: its scope has no tenant, and store refuses that.
func callerFrom(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

func (c caller) into(ctx context.Context) context.Context {
	ids := boot.IDs{}
	if c.chosen != nil {
		ids.Tenant = c.chosen.TenantID
	}
	return context.WithValue(boot.WithIDs(ctx, ids), callerKey{}, c)
}

// scope is one of the two places where a Scope is made: its tenant is a verified membership's, never a claim's
// or a message's (R13.2).
func (c caller) scope() tenancy.Scope {
	sc := tenancy.Scope{Actor: c.identity.Actor(), RequestID: c.request}
	if c.chosen != nil {
		sc.Tenant = tenancy.ID(c.chosen.TenantID)
	}
	return sc
}

// serviceScope is for the inner API: a worker or a skill serves every tenant and names the one it acts for. What
// it may do there is fenced by the task's epoch and the grant, inside commit.
func serviceScope(ctx context.Context, tenant string) tenancy.Scope {
	c := callerFrom(ctx)
	if c.identity.Person() {
		return tenancy.Scope{}
	}
	return tenancy.Scope{Tenant: tenancy.ID(tenant), Actor: c.identity.Actor(), RequestID: c.request}
}
