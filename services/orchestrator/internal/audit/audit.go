// Package audit defines the append-only, hash-chained record of who did what to which object and why it was
// allowed (R14.3). Pure: values in, values out. store writes the chain in the mutation's own transaction.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"
)

// Entry is what a mutation says of itself; actor, tenant and request come from its scope.
type Entry struct {
	// Action is "<object>.<past participle>", for example "review.approved".
	Action     string
	ObjectType string
	ObjectID   string
	// Detail is encoded as JSON: ids, versions, hashes and words of people; never a secret.
	Detail map[string]any
	// RequestID stands in for the scope's where one transaction serves several requests; "" leaves the scope's.
	RequestID string
}

// Record is one link of a tenant's chain as it rests in Postgres.
type Record struct {
	TenantID   string    `db:"tenant_id" json:"tenant_id"`
	Seq        int64     `db:"seq" json:"seq"`
	At         time.Time `db:"at" json:"at"`
	Actor      string    `db:"actor" json:"actor"`
	Action     string    `db:"action" json:"action"`
	ObjectType string    `db:"object_type" json:"object_type"`
	ObjectID   string    `db:"object_id" json:"object_id"`
	RequestID  string    `db:"request_id" json:"request_id"`
	Detail     string    `db:"detail" json:"detail"`
	PrevHash   []byte    `db:"prev_hash" json:"prev_hash"`
	Hash       []byte    `db:"hash" json:"hash"`
}

// Genesis is the hash before the first entry.
var Genesis = make([]byte, sha256.Size)

// Seal sets the record's hash over all its other fields. Every field is length-prefixed, so that no two
// different records share an encoding. Time counts in microseconds, Postgres' own resolution.
func (r *Record) Seal() {
	h := sha256.New()
	put := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	put([]byte("chimera.audit.v1"))
	put([]byte(r.TenantID))
	put(binary.BigEndian.AppendUint64(nil, uint64(r.Seq)))
	put(binary.BigEndian.AppendUint64(nil, uint64(r.At.UnixMicro())))
	for _, s := range []string{r.Actor, r.Action, r.ObjectType, r.ObjectID, r.RequestID, r.Detail} {
		put([]byte(s))
	}
	put(r.PrevHash)
	r.Hash = h.Sum(nil)
}

// EncodeDetail is deterministic: JSON with sorted keys; nil is "{}".
func EncodeDetail(detail map[string]any) (string, error) {
	if len(detail) == 0 {
		return "{}", nil
	}
	raw, err := json.Marshal(detail)
	if err != nil {
		return "", fmt.Errorf("audit detail: %w", err)
	}
	return string(raw), nil
}
