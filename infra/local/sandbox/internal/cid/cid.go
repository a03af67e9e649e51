// Package cid computes the content identifiers of the AT Protocol: CIDv1 with sha2-256,
// multibase base32 lower case, and TIDs.
package cid

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
)

const (
	codecRaw     = 0x55
	codecDagCBOR = 0x71
)

// multibase "b": RFC 4648 base32, lower case, no padding.
var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Raw is the CID of a blob's bytes ("bafkrei…").
func Raw(data []byte) string { return encode(codecRaw, sha256.Sum256(data)) }

// Record is the CID of a record given as JSON ("bafyrei…"), over its DAG-CBOR form.
// Errors: not a JSON value, floats (the data model has none), deeper than 32 levels.
func Record(recordJSON []byte) (string, error) {
	encoded, err := DagCBOR(recordJSON)
	if err != nil {
		return "", err
	}
	return encode(codecDagCBOR, sha256.Sum256(encoded)), nil
}

func encode(codec byte, digest [sha256.Size]byte) string {
	header := []byte{1, codec, 0x12, sha256.Size} // version, codec, sha2-256, digest length
	return "b" + base32Lower.EncodeToString(append(header, digest[:]...))
}

// decode returns a CID's bytes, for links inside records.
func decode(text string) ([]byte, error) {
	if len(text) < 2 || text[0] != 'b' {
		return nil, fmt.Errorf("cid %.80q is not base32 multibase", text)
	}
	raw, err := base32Lower.DecodeString(text[1:])
	if err != nil {
		return nil, fmt.Errorf("cid %.80q: %w", text, err)
	}
	if len(raw) != 4+sha256.Size || raw[0] != 1 || raw[2] != 0x12 || raw[3] != sha256.Size {
		return nil, fmt.Errorf("cid %.80q is not a CIDv1 with sha2-256", text)
	}
	return raw, nil
}

// Valid says whether text is a CIDv1 with sha2-256 in base32.
func Valid(text string) bool {
	_, err := decode(text)
	return err == nil
}
