package grant_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
)

var (
	now  = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	seed = bytes.Repeat([]byte{7}, ed25519.SeedSize)
)

func signerOf(t testing.TB, seed []byte) *grant.Signer {
	t.Helper()
	s, err := grant.NewSigner(seed)
	require.NoError(t, err)
	return s
}

func newGrant() *busv1.Grant {
	return &busv1.Grant{
		Id: uuid.NewString(), TenantId: uuid.NewString(), TaskId: uuid.NewString(), EffectId: uuid.NewString(), AccountId: uuid.NewString(),
		Tool: "publisher.publish", ToolDigest: grant.Hex([]byte("tool")), PayloadSha256: grant.Hex([]byte("payload")), PlatformKey: "3jzfcijpj2z2a",
		NotBefore: timestamppb.New(now.Add(-time.Minute)), NotAfter: timestamppb.New(now.Add(time.Minute)), PolicyVersion: 3, Approver: "user-1",
	}
}

func useOf(g *busv1.Grant) grant.Use {
	return grant.Use{TenantID: g.GetTenantId(), TaskID: g.GetTaskId(), AccountID: g.GetAccountId(), Tool: g.GetTool(), ToolDigest: g.GetToolDigest(), PayloadSHA256: g.GetPayloadSha256()}
}

// mutant is one way of having a grant that is not the grant for this use at this time.
type mutant struct {
	name string
	sg   *busv1.SignedGrant
	use  grant.Use
	at   time.Time
}

func TestOnlyTheRightGrantIsAccepted(t *testing.T) { // R10.5
	signer := signerOf(t, seed)
	verifier := grant.NewVerifier(signer.Public())
	g := newGrant()
	sg, err := signer.Sign(g)
	require.NoError(t, err)
	mutants := slices.Concat(flippedBits(sg), cut(sg), forged(t, signer, g, sg), otherUses(t, signer, g, sg), otherTimes(sg))
	for i := range mutants {
		if mutants[i].use == (grant.Use{}) {
			mutants[i].use = useOf(g)
		}
		if mutants[i].at.IsZero() {
			mutants[i].at = now
		}
	}
	require.GreaterOrEqual(t, len(mutants), 2000)

	got, err := verifier.Verify(sg, useOf(g), now)
	require.NoError(t, err)
	require.True(t, proto.Equal(g, got))
	for _, m := range mutants {
		_, err := verifier.Verify(m.sg, m.use, m.at)
		require.Error(t, err, m.name)
		require.Equal(t, errs.Denied, errs.KindOf(err), m.name)
	}
	t.Logf("%d wrong grants, 0 accepted", len(mutants))
}

func clone(sg *busv1.SignedGrant) *busv1.SignedGrant {
	return &busv1.SignedGrant{Payload: slices.Clone(sg.GetPayload()), Signature: slices.Clone(sg.GetSignature()), KeyId: sg.GetKeyId()}
}

func flippedBits(sg *busv1.SignedGrant) (out []mutant) {
	for bit := range 8 * len(sg.GetPayload()) {
		c := clone(sg)
		c.Payload[bit/8] ^= 1 << (bit % 8)
		out = append(out, mutant{name: fmt.Sprintf("payload bit %d", bit), sg: c})
	}
	for bit := range 8 * len(sg.GetSignature()) {
		c := clone(sg)
		c.Signature[bit/8] ^= 1 << (bit % 8)
		out = append(out, mutant{name: fmt.Sprintf("signature bit %d", bit), sg: c})
	}
	for bit := range 8 * len(sg.GetKeyId()) {
		c := clone(sg)
		id := []byte(c.GetKeyId())
		id[bit/8] ^= 1 << (bit % 8)
		c.KeyId = string(id)
		out = append(out, mutant{name: fmt.Sprintf("key id bit %d", bit), sg: c})
	}
	return out
}

func cut(sg *busv1.SignedGrant) (out []mutant) {
	for n := range sg.GetPayload() {
		c, d := clone(sg), clone(sg)
		c.Payload, d.Payload = c.Payload[:n], d.Payload[n+1:]
		out = append(out, mutant{name: fmt.Sprintf("payload cut to %d", n), sg: c}, mutant{name: fmt.Sprintf("payload without first %d", n+1), sg: d})
	}
	for n := range sg.GetSignature() {
		c := clone(sg)
		c.Signature = c.Signature[:n]
		out = append(out, mutant{name: fmt.Sprintf("signature cut to %d", n), sg: c})
	}
	longer := clone(sg)
	longer.Payload = append(longer.Payload, 0x78, 0x01) // unknown field 15
	doubled := clone(sg)
	doubled.Payload = append(doubled.Payload, doubled.Payload...)
	return append(out, mutant{name: "none"}, mutant{name: "empty", sg: &busv1.SignedGrant{}}, mutant{name: "unknown field added", sg: longer}, mutant{name: "payload twice", sg: doubled})
}

// forged are grants that say all the right things over a signature that does not.
func forged(t *testing.T, signer *grant.Signer, g *busv1.Grant, sg *busv1.SignedGrant) []mutant {
	t.Helper()
	other := signerOf(t, bytes.Repeat([]byte{8}, ed25519.SeedSize))
	byOther, err := other.Sign(g)
	require.NoError(t, err)
	underOurName := clone(byOther)
	underOurName.KeyId = sg.GetKeyId()

	second := newGrant()
	secondSigned, err := signer.Sign(second)
	require.NoError(t, err)
	crossed := clone(sg)
	crossed.Signature = secondSigned.GetSignature()

	bare := clone(sg) // signed with our key, but not as a grant
	bare.Signature = ed25519.Sign(ed25519.NewKeyFromSeed(seed), bare.GetPayload())

	malleable := clone(sg) // the same signature with S+L for S: must not be a second valid one
	malleable.Signature = append(malleable.GetSignature()[:32:32], plusOrder(malleable.GetSignature()[32:])...)

	noApprover := newGrant() // R10.3: even our own key cannot vouch for an effect without a person
	noApprover.Approver = ""
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(noApprover)
	require.NoError(t, err)
	schemaBroken := &busv1.SignedGrant{Payload: raw, KeyId: sg.GetKeyId(), Signature: ed25519.Sign(ed25519.NewKeyFromSeed(seed), append([]byte("chimera.grant.v1\x00"), raw...))}

	return []mutant{
		{name: "other key", sg: byOther},
		{name: "other key under our id", sg: underOurName},
		{name: "another grant's signature", sg: crossed},
		{name: "signed without context", sg: bare},
		{name: "malleable signature", sg: malleable},
		{name: "no approver", sg: schemaBroken, use: useOf(noApprover)},
	}
}

// plusOrder adds the group order to a little-endian scalar.
func plusOrder(s []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	le := slices.Clone(s)
	slices.Reverse(le)
	sum := new(big.Int).Add(new(big.Int).SetBytes(le), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return sum
}

// otherUses hold properly signed grants against a use that they are not for, both ways round.
func otherUses(t *testing.T, signer *grant.Signer, g *busv1.Grant, sg *busv1.SignedGrant) (out []mutant) {
	t.Helper()
	for name, spoil := range map[string]func(*busv1.Grant){
		"tenant": func(g *busv1.Grant) { g.TenantId = uuid.NewString() }, "task": func(g *busv1.Grant) { g.TaskId = uuid.NewString() },
		"account": func(g *busv1.Grant) { g.AccountId = uuid.NewString() }, "tool": func(g *busv1.Grant) { g.Tool = "publisher.delete" },
		"digest": func(g *busv1.Grant) { g.ToolDigest = grant.Hex([]byte("changed tool")) }, "payload": func(g *busv1.Grant) { g.PayloadSha256 = grant.Hex([]byte("edited")) },
		"tenant and task swapped":     func(g *busv1.Grant) { g.TenantId, g.TaskId = g.GetTaskId(), g.GetTenantId() },
		"account and task swapped":    func(g *busv1.Grant) { g.AccountId, g.TaskId = g.GetTaskId(), g.GetAccountId() },
		"digest and payload swapped":  func(g *busv1.Grant) { g.ToolDigest, g.PayloadSha256 = g.GetPayloadSha256(), g.GetToolDigest() },
		"effect in the task's place":  func(g *busv1.Grant) { g.TaskId, g.EffectId = g.GetEffectId(), g.GetTaskId() },
		"tenant in the account place": func(g *busv1.Grant) { g.TenantId, g.AccountId = g.GetAccountId(), g.GetTenantId() },
	} {
		changed, _ := proto.Clone(g).(*busv1.Grant)
		spoil(changed)
		signed, err := signer.Sign(changed)
		require.NoError(t, err, name)
		out = append(out, mutant{name: "grant for other " + name, sg: signed}, mutant{name: "use of other " + name, sg: sg, use: useOf(changed)})
	}
	for i := range 6 { // a use that leaves a field out matches nothing, never everything
		use := useOf(g)
		*[]*string{&use.TenantID, &use.TaskID, &use.AccountID, &use.Tool, &use.ToolDigest, &use.PayloadSHA256}[i] = ""
		out = append(out, mutant{name: fmt.Sprintf("use without field %d", i), sg: sg, use: use})
	}
	upper := useOf(g)
	upper.PayloadSHA256 = strings.ToUpper(upper.PayloadSHA256)
	return append(out, mutant{name: "digest in capitals", sg: sg, use: upper})
}

func otherTimes(sg *busv1.SignedGrant) (out []mutant) {
	for _, at := range []time.Time{now.Add(-time.Minute - 1), now.Add(-time.Hour), time.Unix(0, 0), now.Add(time.Minute), now.Add(time.Hour), now.AddDate(100, 0, 0)} {
		out = append(out, mutant{name: at.String(), sg: sg, at: at})
	}
	return out
}

func TestRefusalsSayWhy(t *testing.T) {
	signer := signerOf(t, seed)
	verifier := grant.NewVerifier(signer.Public())
	g := newGrant()
	sg, err := signer.Sign(g)
	require.NoError(t, err)
	other := useOf(g)
	other.AccountID = uuid.NewString()
	bad := clone(sg)
	bad.Signature[0] ^= 1
	for want, verify := range map[typev1.Reason]func() error{
		typev1.Reason_REASON_GRANT_REQUIRED: func() error { _, err := verifier.Verify(nil, useOf(g), now); return err },
		typev1.Reason_REASON_GRANT_INVALID:  func() error { _, err := verifier.Verify(bad, useOf(g), now); return err },
		typev1.Reason_REASON_GRANT_EXPIRED:  func() error { _, err := verifier.Verify(sg, useOf(g), now.Add(time.Hour)); return err },
		typev1.Reason_REASON_GRANT_MISMATCH: func() error { _, err := verifier.Verify(sg, other, now); return err },
	} {
		require.Equal(t, want, errs.ReasonOf(verify()))
	}
}

func TestSignRefusesWhatTheSchemaRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*busv1.Grant){
		"no approver": func(g *busv1.Grant) { g.Approver = "" }, "no window": func(g *busv1.Grant) { g.NotAfter = nil },
		"tenant no uuid": func(g *busv1.Grant) { g.TenantId = "*" }, "digest no hash": func(g *busv1.Grant) { g.PayloadSha256 = "any" },
		"no platform key": func(g *busv1.Grant) { g.PlatformKey = "" },
	} {
		g := newGrant()
		spoil(g)
		_, err := signerOf(t, seed).Sign(g)
		require.Error(t, err, name)
	}
}

func TestKeysRotate(t *testing.T) {
	former, current := signerOf(t, seed), signerOf(t, bytes.Repeat([]byte{9}, ed25519.SeedSize))
	during, after := grant.NewVerifier(former.Public(), current.Public()), grant.NewVerifier(current.Public())
	g := newGrant()
	old, err := former.Sign(g)
	require.NoError(t, err)
	fresh, err := current.Sign(g)
	require.NoError(t, err)
	for _, sg := range []*busv1.SignedGrant{old, fresh} {
		_, err := during.Verify(sg, useOf(g), now)
		require.NoError(t, err)
	}
	_, err = after.Verify(fresh, useOf(g), now)
	require.NoError(t, err)
	_, err = after.Verify(old, useOf(g), now)
	require.Equal(t, typev1.Reason_REASON_GRANT_INVALID, errs.ReasonOf(err))
}

func TestKeysOfTheWrongSizeAreRefused(t *testing.T) {
	for _, n := range []int{0, 31, 33, 64} {
		_, err := grant.NewSigner(make([]byte, n))
		require.Error(t, err, n)
		_, err = grant.ParsePublic(base64.StdEncoding.EncodeToString(make([]byte, n)))
		require.Error(t, err, n)
	}
	_, err := grant.ParsePublic("no base64!")
	require.Error(t, err)
	public := signerOf(t, seed).Public()
	parsed, err := grant.ParsePublic(base64.StdEncoding.EncodeToString(public))
	require.NoError(t, err)
	require.Equal(t, public, parsed)
}
