package mastodon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"chimera/skills/internal/platformhttp"
)

// Limits are a server's own. A 0 means that the server does not say.
type Limits struct {
	MaxChars, LinkChars, MaxMedia, MaxAltChars int
	MaxImageBytes                              int
	MIMETypes                                  []string
}

// Instance reads the server's limits, at most once an hour.
func (c *Client) Instance(ctx context.Context, a Account) (Limits, error) {
	if known, ok := c.instances.get(a.BaseURL); ok {
		return known, nil
	}
	var out struct {
		Configuration struct {
			Statuses struct {
				MaxCharacters int `json:"max_characters"`
				MaxMedia      int `json:"max_media_attachments"`
				ReservedURL   int `json:"characters_reserved_per_url"`
			} `json:"statuses"`
			Media struct {
				MIMETypes        []string `json:"supported_mime_types"`
				ImageSizeLimit   int      `json:"image_size_limit"`
				DescriptionLimit int      `json:"description_limit"`
			} `json:"media_attachments"`
		} `json:"configuration"`
	}
	// Without the token: the answer is public, and it is shared among accounts.
	if _, err := c.call(ctx, Account{BaseURL: a.BaseURL}, request{method: http.MethodGet, path: "/api/v2/instance"}, &out); err != nil {
		return Limits{}, err
	}
	s, m := out.Configuration.Statuses, out.Configuration.Media
	limits := Limits{MaxChars: s.MaxCharacters, LinkChars: s.ReservedURL, MaxMedia: s.MaxMedia, MaxAltChars: m.DescriptionLimit, MaxImageBytes: m.ImageSizeLimit, MIMETypes: m.MIMETypes}
	c.instances.put(a.BaseURL, limits)
	return limits, nil
}

// Self is the account a token belongs to.
type Self struct {
	ID   string `json:"id"`
	Acct string `json:"acct"`
	URL  string `json:"url"`
}

// VerifyCredentials says whose token it is, at most once an hour.
func (c *Client) VerifyCredentials(ctx context.Context, a Account) (Self, error) {
	if err := a.signedIn(); err != nil {
		return Self{}, err
	}
	sum := sha256.Sum256([]byte(a.Token.Reveal()))
	key := a.BaseURL + " " + hex.EncodeToString(sum[:])
	if known, ok := c.selves.get(key); ok {
		return known, nil
	}
	self := Self{}
	if _, err := c.call(ctx, a, request{method: http.MethodGet, path: "/api/v1/accounts/verify_credentials"}, &self); err != nil {
		return Self{}, err
	}
	if self.ID == "" {
		return Self{}, platformhttp.Garbled(errors.New("verify: answer lacks the id"), false)
	}
	c.selves.put(key, self)
	return self, nil
}
