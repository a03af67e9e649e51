package main

import (
	"context"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/skillkit"
)

// Question is a publish whose outcome is unknown.
type Question struct {
	Platform    string `json:"platform"`
	AccountID   string `json:"account_id"`
	PlatformKey string `json:"platform_key" jsonschema:"the key the post was sent under"`
	Payload     Post   `json:"payload" jsonschema:"the arguments it was sent with"`
	SentAt      string `json:"sent_at" jsonschema:"RFC 3339: when the first try was sent"`
}

func (p *publisher) lookup(ctx context.Context, c *skillkit.Call, in Question) (Found, skillkit.Report, error) {
	report := skillkit.Report{Confidence: 1, Basis: "read back from the platform", Method: "publisher.lookup/v1"}
	sentAt, err := time.Parse(time.RFC3339Nano, in.SentAt)
	if err != nil {
		return Found{}, report, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "sent_at is not an RFC 3339 time")
	}
	at, cred, rules, err := p.account(ctx, c, in.Platform, in.AccountID)
	if err != nil {
		return Found{}, report, err
	}
	out, err := at.find(ctx, cred, sent{key: in.PlatformKey, payload: complete(in.Payload), at: sentAt, lag: rules.ReadLag})
	if out.Outcome == uncertain {
		report.Confidence = 0
	}
	return out, report, err
}

// Target names a post; one of uri and remote_id is enough.
type Target struct {
	Platform  string `json:"platform"`
	AccountID string `json:"account_id"`
	RemoteID  string `json:"remote_id,omitempty"`
	URI       string `json:"uri,omitempty"`
}

func (t Target) ref() (Ref, error) {
	if t.URI == "" && t.RemoteID == "" {
		return Ref{}, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "name the post by uri or remote_id")
	}
	return Ref{URI: t.URI, RemoteID: t.RemoteID}, nil
}

func (p *publisher) read(ctx context.Context, c *skillkit.Call, in Target) (Seen, skillkit.Report, error) {
	report := skillkit.Report{Confidence: 1, Basis: "read back from the platform", Method: "publisher.read/v1"}
	ref, err := in.ref()
	if err != nil {
		return Seen{}, report, err
	}
	at, cred, _, err := p.account(ctx, c, in.Platform, in.AccountID)
	if err != nil {
		return Seen{}, report, err
	}
	out, err := at.read(ctx, cred, ref)
	return out, report, err
}
