package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// Checkpoint is a signed head: kept outside the database too, it shows a cut tail or a rewritten chain,
// which the chain alone cannot.
type Checkpoint struct {
	TenantID  string    `db:"tenant_id" json:"tenant_id"`
	Seq       int64     `db:"seq" json:"seq"`
	Hash      []byte    `db:"hash" json:"hash"`
	At        time.Time `db:"at" json:"at"`
	KeyID     string    `db:"key_id" json:"key_id"`
	Signature []byte    `db:"signature" json:"signature"`
}

// Message is what a checkpoint's signature covers.
func (c Checkpoint) Message() []byte {
	m := append([]byte("chimera.checkpoint.v1\x00"), c.TenantID...)
	m = binary.BigEndian.AppendUint64(m, uint64(c.Seq))
	m = binary.BigEndian.AppendUint64(m, uint64(c.At.UnixMicro()))
	return append(m, c.Hash...)
}

// Finding names the first thing that does not hold; nil means the chain is intact.
type Finding struct {
	Seq  int64
	What string
}

// Verifier walks one tenant's chain in order of seq.
type Verifier struct {
	tenant   string
	lastSeq  int64
	lastHash []byte
	heads    map[int64]Checkpoint
	found    *Finding
}

// NewVerifier takes the checkpoints the chain must pass through. A checkpoint with a bad signature is itself
// a finding.
func NewVerifier(tenant string, checkpoints []Checkpoint, keys map[string]ed25519.PublicKey) *Verifier {
	v := &Verifier{tenant: tenant, lastHash: Genesis, heads: map[int64]Checkpoint{}}
	for _, c := range checkpoints {
		key, ok := keys[c.KeyID]
		if c.TenantID != tenant || !ok || !ed25519.Verify(key, c.Message(), c.Signature) {
			v.fail(c.Seq, "checkpoint %d is not signed by a known key", c.Seq)
			continue
		}
		if other, twice := v.heads[c.Seq]; twice && !bytes.Equal(other.Hash, c.Hash) {
			v.fail(c.Seq, "two checkpoints for entry %d disagree: the chain was rewritten", c.Seq)
		}
		v.heads[c.Seq] = c
	}
	return v
}

func (v *Verifier) fail(seq int64, format string, args ...any) {
	if v.found == nil || seq < v.found.Seq {
		v.found = &Finding{Seq: seq, What: fmt.Sprintf(format, args...)}
	}
}

// Add takes the next record. It goes on after a finding, so that the first by seq is named. What stands out of
// line, by number or by tenant, is reported at the place where it stands and does not move the walk back.
func (v *Verifier) Add(r Record) {
	due := v.lastSeq + 1
	want := r
	want.Seal()
	switch {
	case r.TenantID != v.tenant:
		v.fail(due, "where entry %d belongs stands one of another tenant", due)
		return
	case r.Seq < due:
		v.fail(due, "where entry %d belongs stands entry %d", due, r.Seq)
		return
	case r.Seq > due:
		v.fail(due, "entry %d is missing", due)
	case !bytes.Equal(r.PrevHash, v.lastHash):
		v.fail(r.Seq, "entry %d does not follow from the one before it", r.Seq)
	case !bytes.Equal(r.Hash, want.Hash):
		v.fail(r.Seq, "entry %d was changed after it was written", r.Seq)
	}
	if c, ok := v.heads[r.Seq]; ok {
		if !bytes.Equal(c.Hash, r.Hash) {
			v.fail(r.Seq, "entry %d differs from its signed checkpoint: the chain was rewritten", r.Seq)
		}
		delete(v.heads, r.Seq)
	}
	v.lastSeq, v.lastHash = r.Seq, r.Hash
}

// Finish compares the end with the head row and the checkpoints beyond it, and returns the first finding.
func (v *Verifier) Finish(headSeq int64, headHash []byte) *Finding {
	if headSeq != v.lastSeq || !bytes.Equal(headHash, v.lastHash) {
		v.fail(min(headSeq, v.lastSeq)+1, "the chain ends at entry %d but its head says %d: the tail was cut or added to", v.lastSeq, headSeq)
	}
	for seq := range v.heads {
		if seq > v.lastSeq {
			v.fail(v.lastSeq+1, "a signed checkpoint names entry %d, the chain ends at %d: the tail was cut", seq, v.lastSeq)
		}
	}
	return v.found
}

// Head is the last entry's number and hash in hex.
func (v *Verifier) Head() (int64, string) { return v.lastSeq, hex.EncodeToString(v.lastHash) }
