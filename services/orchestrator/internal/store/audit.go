package store

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"chimera/services/orchestrator/internal/audit"
)

// appendAudit extends the tenant's chain, however many entries, in one statement, which goes out with the commit. The
// head row is locked last and so for the shortest time; it also puts the tenant's writes in one order.
func (t *Tx) appendAudit(ctx context.Context, entries []audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	head, hash, err := t.lockAuditHead(ctx)
	if err != nil {
		return err
	}
	n := len(entries)
	actions, types, ids, requests, details := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	prevs, hashes := make([][]byte, n), make([][]byte, n)
	for i, e := range entries {
		detail, err := audit.EncodeDetail(e.Detail)
		if err != nil {
			return err
		}
		r := audit.Record{
			TenantID: t.tenant(), Seq: head + int64(i) + 1, At: t.now, Actor: t.scope.Actor, Action: e.Action, ObjectType: e.ObjectType,
			ObjectID: e.ObjectID, RequestID: cmp.Or(e.RequestID, t.scope.RequestID), Detail: detail, PrevHash: hash,
		}
		r.Seal()
		actions[i], types[i], ids[i], requests[i], details[i] = r.Action, r.ObjectType, r.ObjectID, r.RequestID, r.Detail
		prevs[i], hashes[i], hash = r.PrevHash, r.Hash, r.Hash
	}
	// The head is locked, so this changes it and nobody waits for the answer.
	t.tail.Queue(`with added as (
		insert into audit_entries (tenant_id, seq, at, actor, action, object_type, object_id, request_id, detail, prev_hash, hash)
		select $1, $2 + e.n, $3, $4, e.action, e.type, e.id, e.request, e.detail, e.prev, e.hash
		from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::bytea[]) with ordinality as e(action, type, id, request, detail, prev, hash, n))
		update audit_heads set seq = $2 + $12, hash = $13 where tenant_id = $1 and seq = $2`,
		t.tenant(), head, t.now, t.scope.Actor, actions, types, ids, requests, details, prevs, hashes, int64(n), hash)
	return nil
}

func (t *Tx) lockAuditHead(ctx context.Context) (seq int64, hash []byte, err error) {
	for range 2 {
		err = t.conn.QueryRow(ctx, "select seq, hash from audit_heads where tenant_id = $1 for update", t.tenant()).Scan(&seq, &hash)
		if !errors.Is(err, pgx.ErrNoRows) {
			break
		}
		if _, err := t.exec(ctx, "insert into audit_heads (tenant_id, seq, hash) values ($1, 0, $2) on conflict do nothing", t.tenant(), audit.Genesis); err != nil {
			return 0, nil, err
		}
	}
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
