package commit

import (
	"context"
	"encoding/json"

	"google.golang.org/protobuf/encoding/protojson"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// DefaultPolicy is what a new tenant starts with.
func DefaultPolicy() *platformv1.Policy {
	return &platformv1.Policy{
		ConfidenceThreshold: 0.6,
		SensitiveTerms:      []string{"election", "vote", "lawsuit", "guaranteed returns", "investment advice", "cure", "diagnosis", "vaccine", "official statement"},
	}
}

// CreateTenant makes the scope's tenant with its first policy and members. It is an installation's act, not an API's.
func (c *Committer) CreateTenant(ctx context.Context, sc tenancy.Scope, slug, name string, members []store.Member) error {
	body, err := protojson.Marshal(DefaultPolicy())
	if err != nil {
		return err
	}
	return c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if err := tx.TenantInsert(ctx, slug, name); err != nil {
			return nil, err
		}
		if err := tx.PolicyInsert(ctx, 0, body); err != nil {
			return nil, err
		}
		entries := []audit.Entry{entry("tenant.created", "tenant", string(sc.Tenant), map[string]any{"slug": slug})}
		for _, m := range members {
			if _, err := tx.MemberUpsert(ctx, m); err != nil {
				return nil, err
			}
			entries = append(entries, entry("member.set", "member", m.Subject, map[string]any{"role": m.Role}))
		}
		return entries, nil
	})
}

// SetMember adds a member or changes the role. Conflict when it would leave the tenant without an admin.
func (c *Committer) SetMember(ctx context.Context, sc tenancy.Scope, m store.Member) (store.Member, error) {
	var out store.Member
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if m.Role != "admin" {
			if err := keepsAdmin(ctx, tx, m.Subject); err != nil {
				return nil, err
			}
		}
		var err error
		out, err = tx.MemberUpsert(ctx, m)
		return []audit.Entry{entry("member.set", "member", m.Subject, map[string]any{"role": m.Role})}, err
	})
	return out, err
}

// NameMember notes how the identity provider names the caller. It leaves no audit entry: the chain holds subjects,
// and a name decides nothing (decision 0063).
func (c *Committer) NameMember(ctx context.Context, sc tenancy.Scope, name string) error {
	return c.store.Write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		return nil, tx.MemberNamed(ctx, sc.Actor, name)
	})
}

// RemoveMember ends a membership. NotFound without one; Conflict for the last admin.
func (c *Committer) RemoveMember(ctx context.Context, sc tenancy.Scope, subject string) error {
	return c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if err := keepsAdmin(ctx, tx, subject); err != nil {
			return nil, err
		}
		return []audit.Entry{entry("member.removed", "member", subject, nil)}, tx.MemberDelete(ctx, subject)
	})
}

func keepsAdmin(ctx context.Context, tx *store.Tx, without string) error {
	admins, err := tx.AdminsLocked(ctx)
	if err != nil {
		return err
	}
	if len(admins) == 1 && admins[0] == without {
		return wrongState("this is the tenant's last admin; make another member admin first")
	}
	return nil
}

// RecordSecurityEvent keeps a blocked attempt where the tenant's admins see it (R9.5).
func (c *Committer) RecordSecurityEvent(ctx context.Context, sc tenancy.Scope, kind, detail string) error {
	return c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		id := newID()
		return []audit.Entry{entry("security."+kind, "security_event", id, nil)}, tx.SecurityEventInsert(ctx, id, kind, detail)
	})
}

// UpdatePolicy writes version base+1. Conflict STALE_VERSION when another version is in force.
func (c *Committer) UpdatePolicy(ctx context.Context, sc tenancy.Scope, base int32, p *platformv1.Policy) (store.Policy, error) {
	body, err := protojson.Marshal(&platformv1.Policy{
		ConfidenceThreshold: p.GetConfidenceThreshold(), BannedTerms: p.GetBannedTerms(),
		SensitiveTerms: p.GetSensitiveTerms(), MaxPostsPerDay: p.GetMaxPostsPerDay(),
	})
	if err != nil {
		return store.Policy{}, err
	}
	var out store.Policy
	err = c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if err := tx.PolicyInsert(ctx, base, body); err != nil {
			return nil, err
		}
		var err error
		out, err = tx.PolicyCurrent(ctx)
		return []audit.Entry{entry("policy.updated", "policy", "policy", map[string]any{"version": base + 1, "body": json.RawMessage(body)})}, err
	})
	return out, err
}
