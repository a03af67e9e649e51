package commit

import (
	"context"
	"errors"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// errNothingNew ends a checkpoint's transaction without one.
var errNothingNew = errors.New("nothing new to sign")

// Checkpoint signs the tenant's chain head and keeps it; the caller keeps it outside the database as well. It
// answers nil when the head has a checkpoint already.
func (c *Committer) Checkpoint(ctx context.Context, sc tenancy.Scope) (*audit.Checkpoint, error) {
	var out audit.Checkpoint
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		seq, hash, err := tx.AuditHead(ctx)
		if err != nil {
			return nil, err
		}
		if seq == 0 {
			return nil, errNothingNew
		}
		out = audit.Checkpoint{TenantID: string(sc.Tenant), Seq: seq, Hash: hash, At: tx.Now()}
		out.KeyID, out.Signature = c.signer.SignCheckpoint(out.Message())
		return nil, tx.AuditCheckpointInsert(ctx, out)
	})
	if errors.Is(err, errNothingNew) {
		return nil, nil
	}
	return &out, err
}
