package main

import (
	"context"
	"time"

	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/skillkit"
)

// site is one platform as the tools need it. Errors are of kind Unknown only when a write may have happened.
type site interface {
	// limits are the rules with what the account's own server says.
	limits(ctx context.Context, c skillkit.Credential, r platforms.Rules) (platforms.Rules, error)
	// fit moves into the text what the platform has no field for. It changes nothing that fits already.
	fit(p Payload) Payload
	// refuses lists what this platform has no way to publish.
	refuses(p Payload, r platforms.Rules) []platforms.Violation
	facets(text string) []bluesky.Facet
	// prior looks for the post of an earlier try under the same key, before anything is sent.
	prior(ctx context.Context, permit skillkit.Permit, p Payload) (Found, error)
	publish(ctx context.Context, permit skillkit.Permit, p Payload, images [][]byte) (Published, error)
	remove(ctx context.Context, c skillkit.Credential, ref Ref) error
	read(ctx context.Context, c skillkit.Credential, ref Ref) (Seen, error)
	find(ctx context.Context, c skillkit.Credential, s sent) (Found, error)
}

// Ref names a post; either field will do.
type Ref struct {
	URI      string
	RemoteID string
}

// sent is an effect whose outcome is in question.
type sent struct {
	key     string
	payload Payload
	at      time.Time
	// lag is how long after a write a read may still miss it.
	lag time.Duration
}

// Published is a post that is live.
type Published struct {
	RemoteID    string `json:"remote_id"`
	URI         string `json:"uri"`
	CID         string `json:"cid,omitempty"`
	URL         string `json:"url"`
	PlatformKey string `json:"platform_key"`
	PublishedAt string `json:"published_at" jsonschema:"RFC 3339, UTC"`
	Adopted     bool   `json:"adopted,omitempty" jsonschema:"an earlier try had published it"`
}

// Seen is a post as the platform shows it now.
type Seen struct {
	Found     bool      `json:"found"`
	URI       string    `json:"uri,omitempty"`
	URL       string    `json:"url,omitempty"`
	RemoteID  string    `json:"remote_id,omitempty"`
	Text      string    `json:"text,omitempty"`
	Langs     []string  `json:"langs,omitempty"`
	Labels    []string  `json:"labels,omitempty"`
	CreatedAt string    `json:"created_at,omitempty"`
	Media     []SeenImg `json:"media,omitempty"`
}

// SeenImg is an image of a post; SHA256 is empty where the platform does not tell.
type SeenImg struct {
	URL    string `json:"url,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Alt    string `json:"alt,omitempty"`
}

// The outcomes of a look-up.
const (
	found     = "found"
	absent    = "absent"
	uncertain = "uncertain"
)

// Found is what a look-up says. Absent is certain; everything less is uncertain, with the cause in Why.
type Found struct {
	Outcome     string `json:"outcome" jsonschema:"found, absent or uncertain"`
	RemoteID    string `json:"remote_id,omitempty"`
	URI         string `json:"uri,omitempty"`
	CID         string `json:"cid,omitempty"`
	URL         string `json:"url,omitempty"`
	PublishedAt string `json:"published_at,omitempty"`
	Why         string `json:"why" jsonschema:"what the outcome rests on"`
}

func (f Found) published(key string) Published {
	return Published{RemoteID: f.RemoteID, URI: f.URI, CID: f.CID, URL: f.URL, PlatformKey: key, PublishedAt: f.PublishedAt, Adopted: true}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// kindOf is the kind of a vendor client's error, and Internal, on which nothing here acts, for none.
func kindOf(err error) errs.Kind {
	if err == nil {
		return errs.Internal
	}
	return errs.KindOf(err)
}
