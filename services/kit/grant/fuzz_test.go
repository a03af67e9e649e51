package grant_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/services/kit/grant"
)

// FuzzGrant mutates a good grant (R10.5): nothing but its own bytes opens, and even under our own signature only
// what keeps the schema and fits the use.
func FuzzGrant(f *testing.F) {
	key := ed25519.NewKeyFromSeed(seed)
	signer := signerOf(f, seed)
	verifier := grant.NewVerifier(signer.Public())
	g := newGrant()
	good, err := signer.Sign(g)
	require.NoError(f, err)
	f.Add(good.GetPayload(), good.GetSignature(), good.GetKeyId())
	f.Add([]byte{}, []byte{}, "")
	f.Add(append(bytes.Clone(good.GetPayload()), 0x78, 0x01), good.GetSignature(), good.GetKeyId())
	f.Fuzz(func(t *testing.T, payload, signature []byte, keyID string) {
		defer fuzztest.Bound(t)()
		_, err := verifier.Verify(&busv1.SignedGrant{Payload: payload, Signature: signature, KeyId: keyID}, useOf(g), now)
		if bytes.Equal(payload, good.GetPayload()) && bytes.Equal(signature, good.GetSignature()) && keyID == good.GetKeyId() {
			require.NoError(t, err)
			return
		}
		require.Equal(t, errs.Denied, errs.KindOf(err))

		resigned := &busv1.SignedGrant{Payload: payload, KeyId: good.GetKeyId(), Signature: ed25519.Sign(key, append([]byte("chimera.grant.v1\x00"), payload...))}
		opened, err := verifier.Verify(resigned, useOf(g), now)
		if err == nil {
			require.Equal(t, useOf(g), useOf(opened))
			require.NotEmpty(t, opened.GetApprover(), "an effect without a person (R10.3)")
		}
	})
}
