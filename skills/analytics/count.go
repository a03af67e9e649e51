package main

import (
	"context"
	"errors"
	"slices"

	"chimera/services/kit/errs"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/mastodon"
	"chimera/skills/internal/skillkit"
)

// fromBluesky asks the AppView in batches. A server without one is no failure of the task: posts stay
// published, only uncounted.
func (c *collector) fromBluesky(ctx context.Context, cred skillkit.Credential, uris []string, report *skillkit.Report) ([]Post, error) {
	account := bluesky.Account{BaseURL: cred.BaseURL, Handle: cred.Handle, Password: cred.Secret}
	for _, uri := range uris {
		if _, _, err := bluesky.ParseURI(uri); err != nil {
			return nil, err
		}
	}
	var posts []Post
	for batch := range slices.Chunk(uris, bluesky.MaxCounts) {
		counts, err := c.bluesky.Counts(ctx, account, batch)
		if errors.Is(err, bluesky.ErrNoAppView) {
			report.Basis, report.Degraded = "the server says that it keeps no counts", []string{"bluesky: the account's server has no AppView, so nothing is counted"}
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, n := range counts {
			posts = append(posts, Post{n.URI, n.Likes, n.Reposts, n.Replies})
		}
	}
	return posts, nil
}

// fromMastodon reads one status after the other: an account's limit is 300 requests in 5 minutes.
func (c *collector) fromMastodon(ctx context.Context, cred skillkit.Credential, uris []string) ([]Post, error) {
	account := mastodon.Account{BaseURL: cred.BaseURL, Token: cred.Secret}
	var posts []Post
	for _, uri := range uris {
		id, err := mastodon.IDOf(uri)
		if err != nil {
			return nil, err
		}
		n, err := c.mastodon.Get(ctx, account, id)
		if err != nil && errs.KindOf(err) == errs.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		posts = append(posts, Post{uri, n.Likes, n.Reposts, n.Replies})
	}
	return posts, nil
}
