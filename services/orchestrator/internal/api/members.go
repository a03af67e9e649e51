package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/store"
)

type members struct{ *core }

func (s members) ListMembers(ctx context.Context, req *platformv1.ListMembersRequest) (*platformv1.ListMembersResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(m store.Member) string { return m.Subject },
		func(ctx context.Context, tx *store.Tx, after string, limit int) ([]store.Member, error) {
			return tx.MemberList(ctx, after, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListMembersResponse{Members: all(rows, memberOf), NextPageToken: next}, nil
}

func (s members) SetMember(ctx context.Context, req *platformv1.SetMemberRequest) (*platformv1.SetMemberResponse, error) {
	// OpenID Connect allows no other subjects, and a page token must be able to hold one.
	for _, r := range req.GetSubject() {
		if r < '!' || r > '~' {
			return nil, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "a subject is printable ASCII without spaces, as the identity provider issues it")
		}
	}
	row, err := s.Commit.SetMember(ctx, scope(ctx), store.Member{Subject: req.GetSubject(), Email: req.GetEmail(), Role: wordOf(req.GetRole(), "ROLE_")})
	if err != nil {
		return nil, err
	}
	s.memberships.forget(req.GetSubject())
	return &platformv1.SetMemberResponse{Member: memberOf(row)}, nil
}

func (s members) RemoveMember(ctx context.Context, req *platformv1.RemoveMemberRequest) (*platformv1.RemoveMemberResponse, error) {
	if err := s.Commit.RemoveMember(ctx, scope(ctx), req.GetSubject()); err != nil {
		return nil, err
	}
	s.memberships.forget(req.GetSubject())
	return &platformv1.RemoveMemberResponse{}, nil
}
