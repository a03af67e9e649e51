package bluesky

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/platformhttp"
)

// Stored is a record where it lives.
type Stored struct {
	URI    string `json:"uri"`
	CID    string `json:"cid"`
	Record Record `json:"value"`
}

// Upload stores bytes for a later post; nobody sees them until a record names them.
func (c *Client) Upload(ctx context.Context, a Account, data []byte, mime string) (Blob, error) {
	var out struct {
		Blob Blob `json:"blob"`
	}
	err := c.authed(ctx, a, method{nsid: "com.atproto.repo.uploadBlob", body: data, mime: mime, post: true}, &out)
	if err == nil && out.Blob.Ref.Link == "" {
		err = platformhttp.Garbled(errors.New("upload: answer lacks the blob's link"), false)
	}
	return out.Blob, err
}

// Put writes a record under a chosen key. Repeating it with the same record changes nothing; with another
// record it would overwrite, so Get first.
func (c *Client) Put(ctx context.Context, a Account, rkey string, r Record) (Stored, error) {
	s, err := c.session(ctx, a)
	if err != nil {
		return Stored{}, err
	}
	m, err := jsonMethod("com.atproto.repo.putRecord", map[string]any{"repo": s.DID, "collection": collection, "rkey": rkey, "record": r}, true)
	if err != nil {
		return Stored{}, errs.As(err)
	}
	out := Stored{}
	if err := c.authed(ctx, a, m, &out); err != nil {
		return Stored{}, err
	}
	if out.URI == "" {
		return Stored{}, platformhttp.Garbled(errors.New("put: answer lacks the uri"), true)
	}
	out.Record = r
	return out, nil
}

// Get reads a post by repo (DID or handle) and key. NotFound if it is not there.
func (c *Client) Get(ctx context.Context, a Account, repo, rkey string) (Stored, error) {
	out := Stored{}
	err := c.open(ctx, a, method{nsid: "com.atproto.repo.getRecord", query: url.Values{"repo": {repo}, "collection": {collection}, "rkey": {rkey}}}, &out)
	return out, err
}

// Delete removes an own post. What is gone already counts as removed.
func (c *Client) Delete(ctx context.Context, a Account, rkey string) error {
	s, err := c.session(ctx, a)
	if err != nil {
		return err
	}
	m, err := jsonMethod("com.atproto.repo.deleteRecord", map[string]string{"repo": s.DID, "collection": collection, "rkey": rkey}, true)
	if err != nil {
		return errs.As(err)
	}
	return c.authed(ctx, a, m, nil)
}

// DID is the account's permanent name.
func (c *Client) DID(ctx context.Context, a Account) (string, error) {
	s, err := c.session(ctx, a)
	if err != nil {
		return "", err
	}
	return s.DID, nil
}

// Counts are what readers did with a post.
type Counts struct {
	URI     string `json:"uri"`
	Likes   int64  `json:"likeCount"`
	Reposts int64  `json:"repostCount"`
	Replies int64  `json:"replyCount"`
}

// MaxCounts is the most posts of one Counts call.
const MaxCounts = 25

// ErrNoAppView is in the chain when the server has no service behind it that counts.
var ErrNoAppView = errors.New("the server has no AppView")

// Counts asks the AppView through the account's server; unknown posts are left out. A server without an
// AppView gives Unavailable with ErrNoAppView in its chain.
func (c *Client) Counts(ctx context.Context, a Account, uris []string) ([]Counts, error) {
	var out struct {
		Posts []Counts `json:"posts"`
	}
	err := c.authed(ctx, a, method{nsid: "app.bsky.feed.getPosts", query: url.Values{"uris": uris}}, &out)
	var status *platformhttp.StatusError
	if errors.As(err, &status) && (status.Status == http.StatusBadGateway || status.Status == http.StatusNotImplemented) {
		return nil, errs.Wrap(errors.Join(ErrNoAppView, err), errs.Unavailable, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, "the account's server has no service that counts likes and reposts")
	}
	return out.Posts, err
}

// ParseURI splits at://repo/app.bsky.feed.post/rkey; Invalid for anything else.
func ParseURI(uri string) (repo, rkey string, err error) {
	parts := strings.Split(strings.TrimPrefix(uri, "at://"), "/")
	if !strings.HasPrefix(uri, "at://") || len(parts) != 3 || parts[0] == "" || parts[1] != collection || parts[2] == "" {
		return "", "", errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "the uri is not at://account/app.bsky.feed.post/key")
	}
	return parts[0], parts[2], nil
}
