// Package grant signs and verifies the single-use permissions without which nothing reaches the outside
// world (R10.5). The orchestrator signs; skills verify before they redeem. Stateless: single use is the
// orchestrator's business, because only it sees every redemption.
package grant

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// signingContext separates these signatures from any other use of the same key.
const signingContext = "chimera.grant.v1\x00"

// Signer holds the orchestrator's private key.
type Signer struct {
	key   ed25519.PrivateKey
	keyID string
}

// NewSigner takes a 32-byte Ed25519 seed.
func NewSigner(seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("grant seed: want %d bytes, have %d", ed25519.SeedSize, len(seed))
	}
	key := ed25519.NewKeyFromSeed(seed)
	public, _ := key.Public().(ed25519.PublicKey)
	return &Signer{key: key, keyID: KeyID(public)}, nil
}

// Public is the key that skills verify with.
func (s *Signer) Public() ed25519.PublicKey {
	public, _ := s.key.Public().(ed25519.PublicKey)
	return public
}

// Sign refuses a grant that breaks the schema's rules; it never mends one.
func (s *Signer) Sign(g *busv1.Grant) (*busv1.SignedGrant, error) {
	if err := protovalidate.Validate(g); err != nil {
		return nil, fmt.Errorf("grant: %w", err)
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("grant: %w", err)
	}
	return &busv1.SignedGrant{Payload: payload, Signature: ed25519.Sign(s.key, append([]byte(signingContext), payload...)), KeyId: s.keyID}, nil
}

// SignCheckpoint signs an audit checkpoint's message, which carries its own context string, and names the key.
func (s *Signer) SignCheckpoint(message []byte) (keyID string, signature []byte) {
	return s.keyID, ed25519.Sign(s.key, message)
}

// KeyID names a public key by its hash, so that rotation can hold several.
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// ParsePublic reads a base64 (standard) Ed25519 public key.
func ParsePublic(s string) (ed25519.PublicKey, error) {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("grant public key: want %d bytes in base64", ed25519.PublicKeySize)
	}
	return raw, nil
}

// Use is what a skill is about to do, measured by itself and not copied from the grant.
type Use struct {
	TenantID, TaskID, AccountID, Tool, ToolDigest, PayloadSHA256 string
}

// Verifier checks signatures and bindings. It holds the current and, during rotation, the former key.
type Verifier struct{ keys map[string]ed25519.PublicKey }

// NewVerifier takes every public key that may still be in use.
func NewVerifier(keys ...ed25519.PublicKey) *Verifier {
	v := &Verifier{keys: make(map[string]ed25519.PublicKey, len(keys))}
	for _, k := range keys {
		v.keys[KeyID(k)] = k
	}
	return v
}

// Open checks the signature and the schema, nothing else. Errors are Denied: GRANT_REQUIRED without a
// grant, GRANT_INVALID otherwise.
func (v *Verifier) Open(sg *busv1.SignedGrant) (*busv1.Grant, error) {
	if sg == nil {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_REQUIRED, "this tool changes the outside world and needs a grant; a person must approve it first")
	}
	key, ok := v.keys[sg.GetKeyId()]
	if !ok || !ed25519.Verify(key, append([]byte(signingContext), sg.GetPayload()...), sg.GetSignature()) {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_INVALID, "the grant's signature does not hold")
	}
	g := &busv1.Grant{}
	if err := (proto.UnmarshalOptions{DiscardUnknown: false}).Unmarshal(sg.GetPayload(), g); err != nil {
		return nil, errs.Wrap(err, errs.Denied, typev1.Reason_REASON_GRANT_INVALID, "the grant cannot be read")
	}
	if err := protovalidate.Validate(g); err != nil {
		return nil, errs.Wrap(err, errs.Denied, typev1.Reason_REASON_GRANT_INVALID, "the grant breaks its schema")
	}
	return g, nil
}

// Verify opens the grant and holds it against the use and the clock. Errors are Denied: GRANT_EXPIRED
// outside the window, GRANT_MISMATCH when any binding differs.
func (v *Verifier) Verify(sg *busv1.SignedGrant, use Use, now time.Time) (*busv1.Grant, error) {
	g, err := v.Open(sg)
	if err != nil {
		return nil, err
	}
	if now.Before(g.GetNotBefore().AsTime()) || !now.Before(g.GetNotAfter().AsTime()) {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_EXPIRED, "the grant is not valid at this time; ask for a new approval")
	}
	have := Use{g.GetTenantId(), g.GetTaskId(), g.GetAccountId(), g.GetTool(), g.GetToolDigest(), g.GetPayloadSha256()}
	if have != use {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_MISMATCH, "the grant is for another payload, account, tool or task")
	}
	return g, nil
}
