package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/platformhttp"
)

// Status is what is to be posted. MediaIDs come from Upload.
type Status struct {
	Text           string   `json:"status"`
	ContentWarning string   `json:"spoiler_text,omitempty"`
	Visibility     string   `json:"visibility,omitempty"`
	Language       string   `json:"language,omitempty"`
	MediaIDs       []string `json:"media_ids,omitempty"`
	Sensitive      bool     `json:"sensitive,omitempty"`
}

// Posted is a status as the server has it. Content is HTML: see PlainText.
type Posted struct {
	ID             string    `json:"id"`
	URI            string    `json:"uri"`
	URL            string    `json:"url"`
	CreatedAt      time.Time `json:"created_at"`
	Content        string    `json:"content"`
	ContentWarning string    `json:"spoiler_text"`
	Visibility     string    `json:"visibility"`
	Language       string    `json:"language"`
	Likes          int64     `json:"favourites_count"`
	Reposts        int64     `json:"reblogs_count"`
	Replies        int64     `json:"replies_count"`
	Media          []struct {
		URL         string `json:"url"`
		Description string `json:"description"`
	} `json:"media_attachments"`
}

// Post publishes. key is sent as Idempotency-Key; servers remember it for an hour or not at all.
func (c *Client) Post(ctx context.Context, a Account, key string, s Status) (Posted, error) {
	if err := a.signedIn(); err != nil {
		return Posted{}, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return Posted{}, errs.As(err)
	}
	out := Posted{}
	_, err = c.call(ctx, a, request{
		method: http.MethodPost, path: "/api/v1/statuses", body: raw, effect: true,
		header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}},
	}, &out)
	if err == nil && out.ID == "" {
		err = platformhttp.Garbled(errors.New("post: answer lacks the id"), true)
	}
	return out, err
}

// Get reads a status; NotFound if it is not there or not for this account.
func (c *Client) Get(ctx context.Context, a Account, id string) (Posted, error) {
	out := Posted{}
	if !validID(id) {
		return out, badID()
	}
	_, err := c.call(ctx, a, request{method: http.MethodGet, path: "/api/v1/statuses/" + id}, &out)
	return out, err
}

// Delete removes an own status; NotFound if it is gone already.
func (c *Client) Delete(ctx context.Context, a Account, id string) error {
	if err := a.signedIn(); err != nil {
		return err
	}
	if !validID(id) {
		return badID()
	}
	_, err := c.call(ctx, a, request{method: http.MethodDelete, path: "/api/v1/statuses/" + id, effect: true}, nil)
	return err
}

const (
	pageSize = 40
	maxPages = 5
)

// OwnSince reads the account's own statuses back to since, newest first, at most 200. complete is false
// if there may be more: absence then proves nothing.
func (c *Client) OwnSince(ctx context.Context, a Account, since time.Time) (all []Posted, complete bool, err error) {
	self, err := c.VerifyCredentials(ctx, a)
	if err != nil {
		return nil, false, err
	}
	query := url.Values{"limit": {strconv.Itoa(pageSize)}, "exclude_reblogs": {"true"}}
	for range maxPages {
		var page []Posted
		if _, err := c.call(ctx, a, request{method: http.MethodGet, path: "/api/v1/accounts/" + url.PathEscape(self.ID) + "/statuses?" + query.Encode()}, &page); err != nil {
			return nil, false, err
		}
		if len(page) == 0 {
			return all, true, nil
		}
		for _, p := range page {
			if p.CreatedAt.Before(since) {
				return all, true, nil
			}
			all = append(all, p)
		}
		query.Set("max_id", page[len(page)-1].ID)
	}
	return all, false, nil
}

// IDOf is the id in a status's uri or page address, or the id itself.
func IDOf(ref string) (string, error) {
	id := ref[strings.LastIndexByte(ref, '/')+1:]
	if !validID(id) {
		return "", badID()
	}
	return id, nil
}

// validID keeps ids from reaching into other paths. Servers use digits or ULIDs.
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func badID() error {
	return errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "the status id is not one of letters and digits")
}
