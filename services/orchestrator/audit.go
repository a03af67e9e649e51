package orchestrator

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/dispatch"
	"chimera/services/orchestrator/internal/store"
)

// VerifyAudit recomputes the chains of one tenant, or of all for "", against the checkpoints in the database and
// those kept outside it. It prints one line a tenant and fails if any chain does not hold.
func VerifyAudit(ctx context.Context, cfg Config, only string, w io.Writer) error {
	st, err := cfg.openStore(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := cfg.publicKeys()
	if err != nil {
		return err
	}
	tenants, err := st.Tenants(ctx)
	if err != nil {
		return err
	}
	broken, seen := 0, 0
	for _, t := range tenants {
		if only != "" && only != t.ID && only != t.Slug {
			continue
		}
		seen++
		finding, entries, head, err := verifyTenant(ctx, st, cfg.CheckpointDir, t.ID, keys)
		if err != nil {
			return err
		}
		if finding != nil {
			broken++
			_, _ = fmt.Fprintf(w, "%s (%s): BROKEN at entry %d: %s\n", t.Slug, t.ID, finding.Seq, finding.What)
			continue
		}
		_, _ = fmt.Fprintf(w, "%s (%s): %d entries hold, head %s\n", t.Slug, t.ID, entries, head)
	}
	if seen == 0 {
		return fmt.Errorf("there is no tenant %q", only)
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d chains do not hold", broken, seen)
	}
	return nil
}

func verifyTenant(ctx context.Context, st *store.Store, dir, tenant string, keys map[string]ed25519.PublicKey) (*audit.Finding, int64, string, error) {
	outside, err := dispatch.ReadCheckpoints(dir, tenant)
	if err != nil {
		return nil, 0, "", err
	}
	var v *audit.Verifier
	var finding *audit.Finding
	err = st.Read(ctx, tenancy.Scope{Tenant: tenancy.ID(tenant), Actor: "system:audit"}, func(ctx context.Context, tx *store.Tx) error {
		inside, err := tx.AuditCheckpoints(ctx)
		if err != nil {
			return err
		}
		v = audit.NewVerifier(tenant, append(inside, outside...), keys)
		seq, hash, err := tx.AuditHead(ctx)
		if err != nil {
			return err
		}
		if err := tx.AuditWalk(ctx, v.Add); err != nil {
			return err
		}
		finding = v.Finish(seq, hash)
		return nil
	})
	if err != nil {
		return nil, 0, "", err
	}
	entries, head := v.Head()
	return finding, entries, head, nil
}
