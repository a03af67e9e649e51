package store

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5"

	"chimera/services/orchestrator/internal/audit"
)

// chain is a tenant's audit chain, with what a transaction adds to it.
type chain struct {
	tx      *Tx
	entries []audit.Entry
	seq     int64
	hash    []byte // nil until the head was read, and after that for a tenant without entries
}

const auditHead = "select seq, hash from audit_heads where tenant_id = $1 for update"

// extend locks the heads of all chains with one question, in the order given, and queues what appends to them, to go out
// with the commit. A head also puts its tenant's writes in one order.
func (p *pipeline) extend(ctx context.Context, chains []chain) error {
	for i := range chains {
		chains[i].askHead(p)
	}
	if err := p.flush(ctx); err != nil {
		return err
	}
	for i := range chains {
		if c := &chains[i]; c.hash == nil {
			var genesis pgx.Batch
			genesis.Queue("insert into audit_heads (tenant_id, seq, hash) values ($1, 0, $2) on conflict do nothing", c.tx.tenant(), audit.Genesis)
			p.queue(c.tx.tenant(), &genesis)
			c.askHead(p)
		}
	}
	if err := p.flush(ctx); err != nil {
		return err
	}
	for _, c := range chains {
		var next pgx.Batch
		if err := c.tx.queueAudit(&next, c.seq, c.hash, c.entries); err != nil {
			return err
		}
		p.queue(c.tx.tenant(), &next)
	}
	return nil
}

func (c *chain) askHead(p *pipeline) {
	var b pgx.Batch
	b.Queue(auditHead, c.tx.tenant()).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&c.seq, &c.hash); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	p.queue(c.tx.tenant(), &b)
}

// queueAudit extends the tenant's chain, however many entries, in one statement. Its head is locked, so nobody waits for
// the answer.
func (t *Tx) queueAudit(b *pgx.Batch, head int64, hash []byte, entries []audit.Entry) error {
	n := len(entries)
	actions, types, ids, requests, details := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	prevs, hashes := make([][]byte, n), make([][]byte, n)
	for i, e := range entries {
		detail, err := audit.EncodeDetail(e.Detail)
		if err != nil {
			return err
		}
		r := audit.Record{
			TenantID: t.tenant(), Seq: head + int64(i) + 1, At: t.Now(), Actor: t.scope.Actor, Action: e.Action, ObjectType: e.ObjectType,
			ObjectID: e.ObjectID, RequestID: cmp.Or(e.RequestID, t.scope.RequestID), Detail: detail, PrevHash: hash,
		}
		r.Seal()
		actions[i], types[i], ids[i], requests[i], details[i] = r.Action, r.ObjectType, r.ObjectID, r.RequestID, r.Detail
		prevs[i], hashes[i], hash = r.PrevHash, r.Hash, r.Hash
	}
	b.Queue(`with added as (
		insert into audit_entries (tenant_id, seq, at, actor, action, object_type, object_id, request_id, detail, prev_hash, hash)
		select $1, $2 + e.n, $3, $4, e.action, e.type, e.id, e.request, e.detail, e.prev, e.hash
		from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::bytea[]) with ordinality as e(action, type, id, request, detail, prev, hash, n))
		update audit_heads set seq = $2 + $12, hash = $13 where tenant_id = $1 and seq = $2`,
		t.tenant(), head, t.Now(), t.scope.Actor, actions, types, ids, requests, details, prevs, hashes, int64(n), hash)
	return nil
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
