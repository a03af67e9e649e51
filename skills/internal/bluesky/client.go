// Package bluesky speaks the part of the AT Protocol that posting and counting need, over plain XRPC.
// Every error is an *errs.Error; of kind Unknown only when a write may have happened.
package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/skills/internal/platformhttp"
)

// Account is a handle on a server. Password is an app password; reads work without one.
type Account struct {
	BaseURL, Handle string
	Password        secret.String
}

// Client is safe for concurrent use and shared by all accounts.
type Client struct {
	http     *platformhttp.Client
	sessions *sessions
}

// New takes an HTTP client that refuses private addresses.
func New(guarded *http.Client, now func() time.Time) *Client {
	return &Client{http: platformhttp.New(guarded, now), sessions: newSessions(now)}
}

// method is one XRPC call. Body is JSON unless MIME says otherwise.
type method struct {
	nsid   string
	query  url.Values
	body   []byte
	mime   string
	post   bool
	effect bool
}

func jsonMethod(nsid string, in any, effect bool) (method, error) {
	raw, err := json.Marshal(in)
	return method{nsid: nsid, body: raw, mime: "application/json", post: true, effect: effect}, err
}

// authed calls with the account's session. A refused token is renewed once and the call repeated, which is
// safe for a write: the token is checked before anything happens.
func (c *Client) authed(ctx context.Context, a Account, m method, out any) error {
	s, err := c.session(ctx, a)
	if err != nil {
		return err
	}
	err = c.send(ctx, a, m, s.AccessJWT, out)
	if !isTokenError(err) {
		return typed(err)
	}
	if s, err = c.renew(ctx, a, s); err != nil {
		return err
	}
	err = c.send(ctx, a, m, s.AccessJWT, out)
	return typed(err)
}

// open reads what is public, with the session where the account has a password.
func (c *Client) open(ctx context.Context, a Account, m method, out any) error {
	if !a.Password.Empty() {
		return c.authed(ctx, a, m, out)
	}
	return typed(c.send(ctx, a, m, "", out))
}

func (c *Client) send(ctx context.Context, a Account, m method, token string, out any) error {
	req := platformhttp.Request{Method: http.MethodGet, URL: strings.TrimRight(a.BaseURL, "/") + "/xrpc/" + m.nsid, Header: http.Header{}, Body: m.body, Effect: m.effect}
	if m.post {
		req.Method = http.MethodPost
	}
	if len(m.query) > 0 {
		req.URL += "?" + m.query.Encode()
	}
	if m.mime != "" {
		req.Header.Set("Content-Type", m.mime)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.http.Do(ctx, req)
	if err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(res.Body, out); err != nil {
		return platformhttp.Garbled(err, m.effect)
	}
	return nil
}

// answer is XRPC's error form.
type answer struct {
	Name    string `json:"error"`
	Message string `json:"message"`
}

// refusal reads the XRPC error out of a failed exchange; ok is false if there was no answer.
func refusal(err error) (status *platformhttp.StatusError, a answer, ok bool) {
	if !errors.As(err, &status) {
		return nil, answer{}, false
	}
	if json.Unmarshal(status.Body, &a) != nil {
		a = answer{}
	}
	return status, a, true
}

// isTokenError knows both forms: servers answer 400 with a name, proxies before them 401.
func isTokenError(err error) bool {
	status, a, ok := refusal(err)
	return ok && (status.Status == http.StatusUnauthorized || status.Status == http.StatusBadRequest && (a.Name == "InvalidToken" || a.Name == "ExpiredToken"))
}

// typed gives a failed exchange its kind; other errors pass as they are.
func typed(err error) error {
	if err == nil {
		return nil
	}
	status, a, ok := refusal(err)
	if !ok {
		return err
	}
	switch {
	case isTokenError(err), a.Name == "AccountTakedown", a.Name == "AccountDeactivated", a.Name == "AccountSuspended":
		return platformhttp.Dead(status, a.Message).With("platform_error", a.Name)
	case status.Status == http.StatusBadRequest && a.Name == "RecordNotFound":
		return errs.Wrap(err, errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "the platform does not have it")
	}
	e := status.Typed(a.Message)
	if a.Name != "" {
		e = e.With("platform_error", a.Name)
	}
	return e
}
