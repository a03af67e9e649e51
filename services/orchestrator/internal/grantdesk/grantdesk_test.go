package grantdesk_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/grantdesk"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func newSigner(t *testing.T) *grant.Signer {
	t.Helper()
	s, err := grant.NewSigner(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	return s
}

func terms() grantdesk.Terms {
	return grantdesk.Terms{
		TenantID: uuid.NewString(), TaskID: uuid.NewString(), EffectID: uuid.NewString(), AccountID: uuid.NewString(),
		Tool: "publisher.publish", ToolDigest: strings.Repeat("a", 64), PayloadSHA256: strings.Repeat("b", 64),
		PlatformKey: "3jzfcijpj2z2a", Approver: "user-1", PolicyVersion: 3, Now: now, TTL: 10 * time.Minute,
	}
}

func TestMintedGrantVerifiesInsideItsWindowOnly(t *testing.T) {
	signer, want := newSigner(t), terms()
	id, signed, notBefore, notAfter, err := grantdesk.Mint(signer, want)
	require.NoError(t, err)
	require.Equal(t, uuid.Version(7), uuid.MustParse(id).Version())
	require.Equal(t, now.Add(-2*time.Second), notBefore)
	require.Equal(t, now.Add(10*time.Minute), notAfter)

	verifier := grant.NewVerifier(signer.Public())
	use := grant.Use{TenantID: want.TenantID, TaskID: want.TaskID, AccountID: want.AccountID, Tool: want.Tool, ToolDigest: want.ToolDigest, PayloadSHA256: want.PayloadSHA256}
	for _, at := range []time.Time{notBefore, now, notAfter.Add(-time.Nanosecond)} {
		g, err := verifier.Verify(signed, use, at)
		require.NoError(t, err, at)
		require.Equal(t, []string{id, want.EffectID, want.PlatformKey, want.Approver}, []string{g.GetId(), g.GetEffectId(), g.GetPlatformKey(), g.GetApprover()})
		require.Equal(t, want.PolicyVersion, g.GetPolicyVersion())
	}
	for _, at := range []time.Time{notBefore.Add(-time.Nanosecond), notAfter} {
		_, err := verifier.Verify(signed, use, at)
		require.Equal(t, typev1.Reason_REASON_GRANT_EXPIRED, errs.ReasonOf(err), at)
	}
}

func TestWindowEndsWithTheSlot(t *testing.T) {
	for name, c := range map[string]struct {
		slotEnds time.Time
		want     time.Time
	}{
		"slot before the ttl": {now.Add(time.Minute), now.Add(time.Minute)},
		"slot after the ttl":  {now.Add(time.Hour), now.Add(10 * time.Minute)},
		"no slot":             {time.Time{}, now.Add(10 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			terms := terms()
			terms.SlotEnds = c.slotEnds
			_, _, _, notAfter, err := grantdesk.Mint(newSigner(t), terms)
			require.NoError(t, err)
			require.Equal(t, c.want, notAfter)
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(*grantdesk.Terms)
		reason typev1.Reason
	}{
		"no approver (R10.3)":   {func(t *grantdesk.Terms) { t.Approver = "" }, typev1.Reason_REASON_GRANT_REQUIRED},
		"slot over":             {func(t *grantdesk.Terms) { t.SlotEnds = now.Add(-time.Hour) }, typev1.Reason_REASON_GRANT_EXPIRED},
		"slot ends now":         {func(t *grantdesk.Terms) { t.SlotEnds = now }, typev1.Reason_REASON_GRANT_EXPIRED},
		"slot ends in the skew": {func(t *grantdesk.Terms) { t.SlotEnds = now.Add(-time.Second) }, typev1.Reason_REASON_GRANT_EXPIRED},
		"no time to live":       {func(t *grantdesk.Terms) { t.TTL = 0 }, typev1.Reason_REASON_GRANT_EXPIRED},
		"negative time":         {func(t *grantdesk.Terms) { t.TTL = -time.Hour }, typev1.Reason_REASON_GRANT_EXPIRED},
		"no tenant":             {func(t *grantdesk.Terms) { t.TenantID = "" }, typev1.Reason_REASON_INTERNAL},
		"no account":            {func(t *grantdesk.Terms) { t.AccountID = "" }, typev1.Reason_REASON_INTERNAL},
		"no platform key":       {func(t *grantdesk.Terms) { t.PlatformKey = "" }, typev1.Reason_REASON_INTERNAL},
		"digest in capitals":    {func(t *grantdesk.Terms) { t.ToolDigest = strings.Repeat("A", 64) }, typev1.Reason_REASON_INTERNAL},
	} {
		t.Run(name, func(t *testing.T) {
			terms := terms()
			c.spoil(&terms)
			id, signed, notBefore, notAfter, err := grantdesk.Mint(newSigner(t), terms)
			require.Equal(t, c.reason, errs.ReasonOf(err))
			require.Empty(t, id)
			require.Nil(t, signed)
			require.True(t, notBefore.IsZero() && notAfter.IsZero())
		})
	}
}
