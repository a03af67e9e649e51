package api

import (
	"context"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/store"
)

// core is what every service method works with.
type core struct {
	Deps
	memberships *memberships
	pages       pager
	// looking bounds the checks of foreign ids that run at once.
	looking chan struct{}
	events  quota
}

func newCore(d Deps) *core {
	return &core{Deps: d, memberships: newMemberships(d.Store, d.MembershipTTL, d.Now), pages: pager{key: d.TokenKey}, looking: make(chan struct{}, maxLooking)}
}

// read runs fn in one read-only transaction of the caller's tenant.
func (c *core) read(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	return c.Store.Read(ctx, callerFrom(ctx).scope(), fn)
}

// scope is for whom and by whom this call writes.
func scope(ctx context.Context) tenancy.Scope { return callerFrom(ctx).scope() }
