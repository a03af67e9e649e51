// Package platformhttp makes single HTTP exchanges with a social platform. It bounds what comes back,
// follows no redirect, and says of every failure whether the request may have had an effect: an error of
// kind Unknown may have, any other *errs.Error has certainly not.
package platformhttp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const (
	// maxAnswer bounds an answer's body in bytes; the largest honest one (40 statuses) is about 200 KiB.
	maxAnswer = 2 << 20
	// fallbackDeadline bounds a call whose context has no deadline.
	fallbackDeadline = 30 * time.Second
	userAgent        = "Chimera/1"
)

// Client is safe for concurrent use.
type Client struct {
	http *http.Client
	now  func() time.Time
}

// New takes a client whose dialer already refuses private addresses, and adds trace propagation. now is
// read for relative waits only.
func New(guarded *http.Client, now func() time.Time) *Client {
	base := guarded.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	return &Client{now: now, http: &http.Client{
		Transport: otelhttp.NewTransport(base),
		// A redirect would carry the credential and the post to a host that nobody approved.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Request is one exchange. Effect marks one that may change something at the platform.
type Request struct {
	Method, URL string
	Header      http.Header
	Body        []byte
	Effect      bool
}

// Response is a whole answer with a status below 300.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends once, never twice. A status of 300 or more is a *StatusError. Without an answer the error is
// Unavailable if nothing was sent, else Unknown for an effect and Timeout, Cancelled or Unavailable for a read.
func (c *Client) Do(ctx context.Context, in Request) (Response, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	var body io.Reader
	if in.Body != nil {
		body = bytes.NewReader(in.Body)
	}
	req, err := http.NewRequestWithContext(traced, in.Method, in.URL, body)
	if err != nil {
		return Response{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the account's server address is not a URL; correct the account")
	}
	maps.Copy(req.Header, in.Header)
	req.Header.Set("User-Agent", userAgent)
	if in.Effect {
		// net/http repeats a POST by itself when it has an Idempotency-Key and a body it can rewind. Not
		// every server honours the key, so that would post twice unseen.
		req.GetBody = nil
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Response{}, unanswered(err, in.Effect, connected.Load())
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = fmt.Errorf("answer is over %d bytes", maxAnswer)
	}
	switch {
	case res.StatusCode >= http.StatusMultipleChoices:
		// The status alone decides; a torn error text changes nothing.
		return Response{}, &StatusError{Status: res.StatusCode, Header: res.Header, Body: answer, effect: in.Effect, now: c.now()}
	case err != nil:
		return Response{}, unanswered(err, in.Effect, true)
	}
	return Response{Status: res.StatusCode, Header: res.Header, Body: answer}, nil
}

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, fallbackDeadline)
}
