package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// maxAnswer is far above any draft; a provider that sends more is broken or hostile.
const maxAnswer = 1 << 20

type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		_ = res.Body.Close()
		return nil, errs.New(errs.Invalid, typev1.Reason_REASON_TOOL_FAILED, "the model provider redirects, which is not followed; set the final base URL")
	}
	res.Body = &boundedBody{ReadCloser: res.Body, left: maxAnswer}
	return res, nil
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errs.Newf(errs.Unavailable, typev1.Reason_REASON_TOO_LARGE, "the model's answer is larger than %d bytes", maxAnswer)
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// answered turns a provider's refusal into what the worker acts on. res may be nil.
func answered(status int, res *http.Response, err error) error {
	switch {
	case status == http.StatusTooManyRequests:
		return errs.Wrap(err, errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "the model provider asks for a pause").After(retryAfter(res))
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return errs.Wrap(err, errs.Denied, typev1.Reason_REASON_CREDENTIAL_DEAD, "the model provider refuses the key; set a valid one")
	case status == http.StatusRequestTimeout || status >= 500:
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the model provider answered "+strconv.Itoa(status)).After(retryAfter(res))
	case status >= 300:
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_TOOL_FAILED, "the model provider refuses the request with "+strconv.Itoa(status)+"; check model and base URL")
	}
	return away(err)
}

// away is every failure without a status: the network, a deadline, an answer that cannot be read.
func away(err error) error {
	var typed *errs.Error
	switch {
	case errors.As(err, &typed):
		return typed
	case errors.Is(err, context.Canceled):
		return errs.As(err)
	case errors.Is(err, context.DeadlineExceeded):
		return errs.Wrap(err, errs.Timeout, typev1.Reason_REASON_TIMEOUT, "the model did not answer in time")
	}
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the model provider cannot be reached or answers something unreadable")
}

func retryAfter(res *http.Response) time.Duration {
	if res == nil {
		return 0
	}
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}
