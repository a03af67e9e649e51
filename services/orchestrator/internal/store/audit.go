package store

import (
	"context"

	"chimera/services/orchestrator/internal/audit"
)

// appendAudit extends the tenant's chain. The head row is locked last in a transaction and so for the
// shortest time; it also puts the tenant's writes in one order.
func (t *Tx) appendAudit(ctx context.Context, entries []audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	seq, hash, err := t.lockAuditHead(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		detail, err := audit.EncodeDetail(e.Detail)
		if err != nil {
			return err
		}
		r := audit.Record{
			TenantID: t.tenant(), Seq: seq + 1, At: t.now, Actor: t.scope.Actor, Action: e.Action,
			ObjectType: e.ObjectType, ObjectID: e.ObjectID, RequestID: t.scope.RequestID, Detail: detail, PrevHash: hash,
		}
		r.Seal()
		if _, err := t.exec(ctx, `insert into audit_entries (tenant_id, seq, at, actor, action, object_type, object_id, request_id, detail, prev_hash, hash)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			r.TenantID, r.Seq, r.At, r.Actor, r.Action, r.ObjectType, r.ObjectID, r.RequestID, r.Detail, r.PrevHash, r.Hash); err != nil {
			return err
		}
		seq, hash = r.Seq, r.Hash
	}
	return t.must1(ctx, "update audit_heads set seq = $2, hash = $3 where tenant_id = $1", t.tenant(), seq, hash)
}

func (t *Tx) lockAuditHead(ctx context.Context) (int64, []byte, error) {
	if _, err := t.exec(ctx, "insert into audit_heads (tenant_id, seq, hash) values ($1, 0, $2) on conflict do nothing", t.tenant(), audit.Genesis); err != nil {
		return 0, nil, err
	}
	var seq int64
	var hash []byte
	err := t.tx.QueryRow(ctx, "select seq, hash from audit_heads where tenant_id = $1 for update", t.tenant()).Scan(&seq, &hash)
	return seq, hash, translate(err)
}

// AuditHead is the chain's end: number and hash. A tenant without entries answers 0 and the genesis hash.
func (t *Tx) AuditHead(ctx context.Context) (int64, []byte, error) {
	rows, err := many[struct {
		Seq  int64  `db:"seq"`
		Hash []byte `db:"hash"`
	}](ctx, t, "select seq, hash from audit_heads where tenant_id = $1", t.tenant())
	if err != nil || len(rows) == 0 {
		return 0, audit.Genesis, err
	}
	return rows[0].Seq, rows[0].Hash, nil
}

const auditColumns = "tenant_id, seq, at, actor, action, object_type, object_id, request_id, detail, prev_hash, hash"

// AuditWalk calls fn for every entry in order, in bounded pages.
func (t *Tx) AuditWalk(ctx context.Context, fn func(audit.Record)) error {
	for after := int64(0); ; {
		page, err := many[audit.Record](ctx, t, "select "+auditColumns+" from audit_entries where tenant_id = $1 and seq > $2 order by seq limit 1000", t.tenant(), after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			fn(r)
		}
		after = page[len(page)-1].Seq
	}
}

// AuditCheckpoints answers the tenant's signed heads, oldest first.
func (t *Tx) AuditCheckpoints(ctx context.Context) ([]audit.Checkpoint, error) {
	return many[audit.Checkpoint](ctx, t, "select tenant_id, seq, hash, at, key_id, signature from audit_checkpoints where tenant_id = $1 order by seq", t.tenant())
}

// AuditCheckpointInsert keeps a signed head; the same entry twice is the same checkpoint.
func (t *Tx) AuditCheckpointInsert(ctx context.Context, c audit.Checkpoint) error {
	_, err := t.exec(ctx, `insert into audit_checkpoints (tenant_id, seq, hash, at, key_id, signature) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
		t.tenant(), c.Seq, c.Hash, c.At, c.KeyID, c.Signature)
	return err
}
