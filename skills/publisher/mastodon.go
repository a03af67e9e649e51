package main

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"chimera/services/kit/errs"
	"chimera/services/kit/grant/tid"
	"chimera/services/kit/platforms"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/mastodon"
	"chimera/skills/internal/skillkit"
)

type mastodonSite struct {
	client *mastodon.Client
	now    func() time.Time
}

// clockSkew is how far a server's clock may lag behind ours before its own new status looks too old.
const clockSkew = 5 * time.Second

func mastodonAccount(c skillkit.Credential) mastodon.Account {
	return mastodon.Account{BaseURL: c.BaseURL, Token: c.Secret}
}

func (m mastodonSite) limits(ctx context.Context, c skillkit.Credential, r platforms.Rules) (platforms.Rules, error) {
	own, err := m.client.Instance(ctx, mastodonAccount(c))
	if err != nil {
		return r, err
	}
	for _, l := range []struct {
		rule *int
		own  int
	}{{&r.MaxChars, own.MaxChars}, {&r.LinkChars, own.LinkChars}, {&r.MaxImages, own.MaxMedia}, {&r.MaxAltChars, own.MaxAltChars}, {&r.MaxImageBytes, own.MaxImageBytes}} {
		if l.own > 0 {
			*l.rule = l.own
		}
	}
	return r, nil
}

// fit writes the tags into the text: a status has no other place for them.
func (mastodonSite) fit(p Payload) Payload {
	inText := bluesky.TagsIn(p.Text)
	var missing []string
	for _, tag := range p.Tags {
		if !slices.ContainsFunc(inText, func(t string) bool { return strings.EqualFold(t, tag) }) {
			missing = append(missing, "#"+tag)
		}
	}
	if len(missing) > 0 {
		p.Text = strings.TrimLeft(strings.TrimRight(p.Text, " \t\r\n")+"\n\n"+strings.Join(missing, " "), "\n")
	}
	return p
}

var tagWord = regexp.MustCompile(`^[\p{L}\p{N}\p{M}_]*[\p{L}_][\p{L}\p{N}\p{M}_]*$`)

func (mastodonSite) refuses(p Payload, _ platforms.Rules) (broken []platforms.Violation) {
	// "direct" is a private message and another kind of action than publishing.
	if !slices.Contains([]string{"public", "unlisted", "private"}, p.Visibility) {
		broken = append(broken, platforms.Violation{Rule: "visibility", Threshold: "public, unlisted or private", Value: p.Visibility, Message: "this visibility cannot be published with"})
	}
	if len(p.SelfLabels) > 0 {
		broken = append(broken, platforms.Violation{Rule: "self_labels", Threshold: "none", Value: strings.Join(p.SelfLabels, ", "), Message: "Mastodon has no self-labels; use a content warning"})
	}
	for _, tag := range p.Tags {
		if !tagWord.MatchString(tag) {
			broken = append(broken, platforms.Violation{Rule: "tag", Threshold: "letters, digits and underscores", Value: tag, Message: "a hashtag ends at the first other character; rename the tag"})
		}
	}
	return broken
}

func (mastodonSite) facets(string) []bluesky.Facet { return []bluesky.Facet{} }

// prior looks before a resend only: the key is new on the first try.
func (m mastodonSite) prior(ctx context.Context, permit skillkit.Permit, p Payload) (Found, error) {
	if permit.Call.Attempt <= 1 {
		return Found{Outcome: absent}, nil
	}
	at, err := tid.Time(permit.PlatformKey) // the key was made before the first try was sent
	if err != nil {
		return Found{}, err
	}
	return m.find(ctx, permit.Credential, sent{key: permit.PlatformKey, payload: p, at: at})
}

// find reads the account's own statuses: a status does not show the key it was sent with.
func (m mastodonSite) find(ctx context.Context, c skillkit.Credential, s sent) (Found, error) {
	own, complete, err := m.client.OwnSince(ctx, mastodonAccount(c), s.at.Add(-clockSkew))
	if err != nil {
		return Found{}, err
	}
	for _, have := range own {
		if matches(have, s.payload) {
			return Found{Outcome: found, RemoteID: have.ID, URI: have.URI, URL: have.URL, PublishedAt: stamp(have.CreatedAt), Why: "an own status since then has this text"}, nil
		}
	}
	switch {
	case !complete:
		return Found{Outcome: uncertain, Why: "there are too many own statuses since then to see them all"}, nil
	case m.now().Before(s.at.Add(s.lag)):
		return Found{Outcome: uncertain, Why: "no own status has this text yet, but the platform's read lag is not over"}, nil
	}
	return Found{Outcome: absent, Why: "no own status since then has this text"}, nil
}

func matches(have mastodon.Posted, p Payload) bool {
	return mastodon.SameText(have.Content, p.Text) && mastodon.Normalised(have.ContentWarning) == mastodon.Normalised(p.ContentWarning) && len(have.Media) == len(p.Media)
}

func (m mastodonSite) publish(ctx context.Context, permit skillkit.Permit, p Payload, images [][]byte) (Published, error) {
	account := mastodonAccount(permit.Credential)
	status := mastodon.Status{Text: p.Text, ContentWarning: p.ContentWarning, Visibility: p.Visibility, Sensitive: p.ContentWarning != "" && len(images) > 0}
	if len(p.Langs) > 0 {
		status.Language = p.Langs[0]
	}
	for i, data := range images {
		id, err := m.client.Upload(ctx, account, data, p.Media[i].MIME, p.Media[i].Alt)
		if err != nil {
			return Published{}, err
		}
		status.MediaIDs = append(status.MediaIDs, id)
	}
	posted, err := m.client.Post(ctx, account, permit.PlatformKey, status)
	if err != nil {
		return Published{}, err
	}
	return Published{RemoteID: posted.ID, URI: posted.URI, URL: posted.URL, PlatformKey: permit.PlatformKey, PublishedAt: stamp(posted.CreatedAt)}, nil
}

func (m mastodonSite) remove(ctx context.Context, c skillkit.Credential, ref Ref) error {
	id, err := mastodonRef(ref)
	if err != nil {
		return err
	}
	err = m.client.Delete(ctx, mastodonAccount(c), id)
	if kindOf(err) == errs.NotFound {
		return nil
	}
	return err
}

func (m mastodonSite) read(ctx context.Context, c skillkit.Credential, ref Ref) (Seen, error) {
	id, err := mastodonRef(ref)
	if err != nil {
		return Seen{}, err
	}
	have, err := m.client.Get(ctx, mastodonAccount(c), id)
	if kindOf(err) == errs.NotFound {
		return Seen{}, nil
	}
	if err != nil {
		return Seen{}, err
	}
	seen := Seen{Found: true, URI: have.URI, URL: have.URL, RemoteID: have.ID, Text: mastodon.PlainText(have.Content), CreatedAt: stamp(have.CreatedAt)}
	if have.Language != "" {
		seen.Langs = []string{have.Language}
	}
	for _, a := range have.Media {
		seen.Media = append(seen.Media, SeenImg{URL: a.URL, Alt: a.Description})
	}
	return seen, nil
}

func mastodonRef(ref Ref) (string, error) {
	if ref.RemoteID != "" {
		return mastodon.IDOf(ref.RemoteID)
	}
	return mastodon.IDOf(ref.URI)
}
