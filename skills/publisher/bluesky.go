package main

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/skillkit"
)

type blueskySite struct {
	client *bluesky.Client
	// apps maps a server's base URL to the web app that shows its posts.
	apps map[string]string
	now  func() time.Time
}

func blueskyAccount(c skillkit.Credential) bluesky.Account {
	return bluesky.Account{BaseURL: c.BaseURL, Handle: c.Handle, Password: c.Secret}
}

func (blueskySite) limits(_ context.Context, _ skillkit.Credential, r platforms.Rules) (platforms.Rules, error) {
	return r, nil
}

func (blueskySite) fit(p Payload) Payload { return p }

func (blueskySite) refuses(p Payload, _ platforms.Rules) (broken []platforms.Violation) {
	if p.Visibility != "public" {
		broken = append(broken, platforms.Violation{Rule: "visibility", Threshold: "public", Value: p.Visibility, Message: "every post on Bluesky is public"})
	}
	if p.ContentWarning != "" {
		broken = append(broken, platforms.Violation{Rule: "content_warning", Threshold: "none", Value: p.ContentWarning, Message: "Bluesky has no content warning; use a self-label"})
	}
	const maxLabels = 10 // com.atproto.label.defs#selfLabels
	if len(p.SelfLabels) > maxLabels {
		broken = append(broken, platforms.Violation{Rule: "max_labels", Threshold: strconv.Itoa(maxLabels), Value: strconv.Itoa(len(p.SelfLabels)), Message: "there are too many labels; leave some out"})
	}
	return broken
}

func (blueskySite) facets(text string) []bluesky.Facet { return bluesky.Facets(text) }

// post is the vendor's form. Without blobs, images are named by their granted hashes, which is enough to compare.
func (blueskySite) post(p Payload, blobs []bluesky.Blob) (bluesky.Post, error) {
	post := bluesky.Post{Text: p.Text, Langs: p.Langs, Labels: p.SelfLabels}
	inText := bluesky.TagsIn(p.Text)
	for _, tag := range p.Tags {
		if !slices.ContainsFunc(inText, func(t string) bool { return strings.EqualFold(t, tag) }) {
			post.Tags = append(post.Tags, tag)
		}
	}
	for i, m := range p.Media {
		image := bluesky.Image{Alt: m.Alt}
		if m.Width > 0 && m.Height > 0 {
			image.AspectRatio = &bluesky.AspectRatio{Width: m.Width, Height: m.Height}
		}
		if i < len(blobs) {
			image.Blob = blobs[i]
		} else {
			blob, err := bluesky.BlobOf(m.SHA256)
			if err != nil {
				return post, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "an image has no usable hash")
			}
			image.Blob = blob
		}
		post.Images = append(post.Images, image)
	}
	return post, nil
}

// prior reads the key on every try: writing to a key that holds another record would overwrite it.
func (b blueskySite) prior(ctx context.Context, permit skillkit.Permit, p Payload) (Found, error) {
	return b.find(ctx, permit.Credential, sent{key: permit.PlatformKey, payload: p})
}

func (b blueskySite) find(ctx context.Context, c skillkit.Credential, s sent) (Found, error) {
	post, err := b.post(s.payload, nil)
	if err != nil {
		return Found{}, err
	}
	want, err := bluesky.NewRecord(post, s.key)
	if err != nil {
		return Found{}, err
	}
	have, err := b.client.Get(ctx, blueskyAccount(c), c.Handle, s.key)
	switch {
	case kindOf(err) == errs.NotFound:
		if wait := s.at.Add(s.lag); b.now().Before(wait) {
			return Found{Outcome: uncertain, Why: "no record under the key yet, but the platform's read lag is not over"}, nil
		}
		return Found{Outcome: absent, Why: "no record under the key"}, nil
	case err != nil:
		return Found{}, err
	case !have.Record.Matches(want):
		return Found{Outcome: uncertain, RemoteID: s.key, URI: have.URI, Why: "the key holds a different post; a person must look"}, nil
	}
	return Found{Outcome: found, RemoteID: s.key, URI: have.URI, CID: have.CID, URL: b.page(c, s.key), PublishedAt: have.Record.CreatedAt, Why: "the record under the key is this post"}, nil
}

func (b blueskySite) publish(ctx context.Context, permit skillkit.Permit, p Payload, images [][]byte) (Published, error) {
	account, key := blueskyAccount(permit.Credential), permit.PlatformKey
	blobs := make([]bluesky.Blob, 0, len(images))
	for i, data := range images {
		blob, err := b.client.Upload(ctx, account, data, p.Media[i].MIME)
		if err != nil {
			return Published{}, err
		}
		blobs = append(blobs, blob)
	}
	post, err := b.post(p, blobs)
	if err != nil {
		return Published{}, err
	}
	record, err := bluesky.NewRecord(post, key)
	if err != nil {
		return Published{}, err
	}
	stored, err := b.client.Put(ctx, account, key, record)
	if kindOf(err) == errs.Unknown && ctx.Err() == nil {
		// A 500 or a lost answer often hides success: the key tells.
		if have, readErr := b.client.Get(ctx, account, permit.Credential.Handle, key); readErr == nil && have.Record.Matches(record) {
			stored, err = have, nil
		}
	}
	if err != nil {
		return Published{}, err
	}
	return Published{RemoteID: key, URI: stored.URI, CID: stored.CID, URL: b.page(permit.Credential, key), PlatformKey: key, PublishedAt: record.CreatedAt}, nil
}

func (b blueskySite) remove(ctx context.Context, c skillkit.Credential, ref Ref) error {
	repo, key, err := blueskyRef(ref, c)
	if err != nil {
		return err
	}
	if repo != c.Handle {
		did, err := b.client.DID(ctx, blueskyAccount(c))
		if err != nil {
			return err
		}
		if repo != did {
			return errs.New(errs.Denied, typev1.Reason_REASON_PERMISSION_DENIED, "the post belongs to another account")
		}
	}
	return b.client.Delete(ctx, blueskyAccount(c), key)
}

func (b blueskySite) read(ctx context.Context, c skillkit.Credential, ref Ref) (Seen, error) {
	repo, key, err := blueskyRef(ref, c)
	if err != nil {
		return Seen{}, err
	}
	have, err := b.client.Get(ctx, blueskyAccount(c), repo, key)
	if kindOf(err) == errs.NotFound {
		return Seen{}, nil
	}
	if err != nil {
		return Seen{}, err
	}
	r := have.Record
	seen := Seen{Found: true, URI: have.URI, URL: b.page(c, key), RemoteID: key, Text: r.Text, Langs: r.Langs, Labels: r.LabelValues(), CreatedAt: r.CreatedAt}
	for _, image := range r.Images() {
		seen.Media = append(seen.Media, SeenImg{SHA256: image.Blob.SHA256(), Alt: image.Alt})
	}
	return seen, nil
}

func blueskyRef(ref Ref, c skillkit.Credential) (repo, key string, err error) {
	if ref.URI != "" {
		return bluesky.ParseURI(ref.URI)
	}
	return c.Handle, ref.RemoteID, nil
}

// page is where a person can see the post. A server of one's own on loopback has no web app unless it is
// configured; its record is all there is to see.
func (b blueskySite) page(c skillkit.Credential, key string) string {
	app, known := b.apps[strings.TrimRight(c.BaseURL, "/")]
	if !known && isLoopback(c.BaseURL) {
		return strings.TrimRight(c.BaseURL, "/") + "/xrpc/com.atproto.repo.getRecord?" +
			url.Values{"repo": {c.Handle}, "collection": {"app.bsky.feed.post"}, "rkey": {key}}.Encode()
	}
	if !known {
		app = "https://bsky.app"
	}
	return strings.TrimRight(app, "/") + "/profile/" + url.PathEscape(c.Handle) + "/post/" + url.PathEscape(key)
}

func isLoopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && addr.IsLoopback()
}
