// Package mastodon speaks the part of the Mastodon API that posting and counting need. Other servers speak it
// too and differ, so nothing rests on one server's habits: limits are read from the server, and the
// Idempotency-Key is sent but never trusted alone. Every error is an *errs.Error; of kind Unknown only when
// a write may have happened.
package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/skills/internal/platformhttp"
)

// Account is a server and an access token; public reads work without one.
type Account struct {
	BaseURL string
	Token   secret.String
}

// Client is safe for concurrent use and shared by all accounts.
type Client struct {
	http      *platformhttp.Client
	now       func() time.Time
	instances *cache[Limits]
	selves    *cache[Self]
}

// New takes an HTTP client that refuses private addresses.
func New(guarded *http.Client, now func() time.Time) *Client {
	return &Client{http: platformhttp.New(guarded, now), now: now, instances: newCache[Limits](now), selves: newCache[Self](now)}
}

type request struct {
	method, path string
	header       http.Header
	body         []byte
	effect       bool
}

func (c *Client) call(ctx context.Context, a Account, r request, out any) (status int, err error) {
	header := r.header
	if header == nil {
		header = http.Header{}
	}
	if !a.Token.Empty() {
		header.Set("Authorization", "Bearer "+a.Token.Reveal())
	}
	res, err := c.http.Do(ctx, platformhttp.Request{Method: r.method, URL: strings.TrimRight(a.BaseURL, "/") + r.path, Header: header, Body: r.body, Effect: r.effect})
	if err != nil {
		return 0, typed(err)
	}
	if out != nil && len(res.Body) > 0 {
		if err := json.Unmarshal(res.Body, out); err != nil {
			return res.Status, platformhttp.Garbled(err, r.effect)
		}
	}
	return res.Status, nil
}

func typed(err error) error {
	var status *platformhttp.StatusError
	if !errors.As(err, &status) {
		return err
	}
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(status.Body, &said) != nil {
		said.Error = ""
	}
	return status.Typed(said.Error)
}

func (a Account) signedIn() error {
	if a.Token.Empty() {
		return errs.New(errs.Unauthenticated, typev1.Reason_REASON_CREDENTIAL_DEAD, "the account has no credential; connect the account again")
	}
	return nil
}
