package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type sessions struct{ *core }

func (s sessions) GetSession(ctx context.Context, _ *platformv1.GetSessionRequest) (*platformv1.GetSessionResponse, error) {
	who := callerFrom(ctx)
	resp := &platformv1.GetSessionResponse{
		Subject: who.identity.Subject, Email: who.identity.Email,
		Memberships: all(who.memberships, func(m store.Membership) *platformv1.Membership {
			return &platformv1.Membership{TenantId: m.TenantID, TenantSlug: m.Slug, TenantName: m.Name, Role: roleOf(m.Role)}
		}),
	}
	if who.chosen != nil {
		resp.TenantId, resp.Role = who.chosen.TenantID, roleOf(who.chosen.Role)
	}
	return resp, nil
}
