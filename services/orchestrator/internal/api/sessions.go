package api

import (
	"context"
	"log/slog"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/store"
)

type sessions struct{ *core }

func (s sessions) GetSession(ctx context.Context, _ *platformv1.GetSessionRequest) (*platformv1.GetSessionResponse, error) {
	who := callerFrom(ctx)
	resp := &platformv1.GetSessionResponse{
		Subject: who.identity.Subject, Email: who.identity.Email, Name: who.identity.Name,
		Memberships: all(who.memberships, func(m store.Membership) *platformv1.Membership {
			return &platformv1.Membership{TenantId: m.TenantID, TenantSlug: m.Slug, TenantName: m.Name, Role: roleOf(m.Role)}
		}),
	}
	if who.chosen != nil {
		resp.TenantId, resp.Role = who.chosen.TenantID, roleOf(who.chosen.Role)
	}
	s.noteName(ctx, who)
	return resp, nil
}

// noteName keeps how the identity provider names a member, for others to read: after answering, and where it is
// new only. Every page asks for the session first.
func (s sessions) noteName(ctx context.Context, who caller) {
	if who.identity.Name == "" {
		return
	}
	for _, m := range firstFew(who.memberships) {
		if m.MemberName == who.identity.Name {
			continue
		}
		sc := tenancy.Scope{Tenant: tenancy.ID(m.TenantID), Actor: who.identity.Subject, RequestID: who.request}
		s.afterwards(ctx, func(ctx context.Context) {
			if err := s.Commit.NameMember(ctx, sc, who.identity.Name); err != nil {
				s.Log.WarnContext(ctx, "name not noted", slog.Any("error", err))
				return
			}
			s.memberships.forget(who.identity.Subject)
		})
	}
}
