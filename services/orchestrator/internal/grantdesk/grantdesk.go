// Package grantdesk mints the single-use grant for one approved effect (R10.5). Pure: terms in, signed grant
// out. Whether an effect may be granted is commit's decision; this package only refuses terms that no
// decision could make good.
package grantdesk

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
)

// skew opens the window early: a skill verifies with its own clock, which may run behind the database's.
const skew = 2 * time.Second

// Terms is everything a grant binds. Now is the database's clock; a zero SlotEnds means the content has no slot.
type Terms struct {
	TenantID, TaskID, EffectID, AccountID string
	Tool, ToolDigest, PayloadSHA256       string
	// PlatformKey is the key the platform is called with, already stored with the effect.
	PlatformKey string
	// Approver is the reviewer's subject: no effect is granted without a person (R10.3).
	Approver      string
	PolicyVersion int32
	Now           time.Time
	// From is when the grant may be used at the earliest; zero is Now.
	From     time.Time
	TTL      time.Duration
	SlotEnds time.Time
}

// Mint signs a grant that is valid from notBefore up to, but not at, notAfter: two seconds before From, and
// the earlier of From+TTL and SlotEnds. It fails with Denied and GRANT_REQUIRED without an approver, with Denied
// and GRANT_EXPIRED when no time is left, and with Internal when the terms break the grant's schema.
func Mint(signer *grant.Signer, t Terms) (grantID string, signed *busv1.SignedGrant, notBefore, notAfter time.Time, err error) {
	if t.Approver == "" {
		return "", nil, time.Time{}, time.Time{}, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_REQUIRED, "an effect needs a person's approval; send it to review")
	}
	from := t.Now
	if t.From.After(from) {
		from = t.From
	}
	notBefore, notAfter = from.Add(-skew), from.Add(t.TTL)
	if !t.SlotEnds.IsZero() && t.SlotEnds.Before(notAfter) {
		notAfter = t.SlotEnds
	}
	// Measured from the start: a window that lies in the skew alone could never be used.
	if !from.Before(notAfter) {
		return "", nil, time.Time{}, time.Time{}, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_EXPIRED, "the content's slot is over; choose a new time and ask for a new approval")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", nil, time.Time{}, time.Time{}, fmt.Errorf("grant id: %w", err)
	}
	signed, err = signer.Sign(&busv1.Grant{
		Id: id.String(), TenantId: t.TenantID, TaskId: t.TaskID, EffectId: t.EffectID, AccountId: t.AccountID,
		Tool: t.Tool, ToolDigest: t.ToolDigest, PayloadSha256: t.PayloadSHA256, PlatformKey: t.PlatformKey,
		NotBefore: timestamppb.New(notBefore), NotAfter: timestamppb.New(notAfter),
		PolicyVersion: t.PolicyVersion, Approver: t.Approver,
	})
	if err != nil {
		return "", nil, time.Time{}, time.Time{}, err
	}
	return id.String(), signed, notBefore, notAfter, nil
}
