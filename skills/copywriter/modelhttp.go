package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const (
	// maxAnswer is in bytes, far above any draft; a provider that sends more is broken or hostile.
	maxAnswer = 1 << 20
	// maxExplanation is how many bytes of a refusal the log keeps.
	maxExplanation = 300
)

// modelClient carries the provider's key and what is drafted: it goes to the one configured place only.
func modelClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       timeout,
	}
}

// endpoint is where a provider's call goes; it fails with Invalid, naming the variable, unless base is a web address.
func endpoint(variable, base string, path ...string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "%s is not an http or https address", variable)
	}
	return u.JoinPath(path...).String(), nil
}

// post sends one request, once: the worker retries, by the error's kind and the pause asked for. A refusal is typed
// by answered, all else by away.
func post(ctx context.Context, client *http.Client, to string, header http.Header, request, answer any) error {
	raw, err := json.Marshal(request)
	if err != nil {
		return errs.As(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(raw))
	if err != nil {
		return errs.As(err)
	}
	req.Header = header.Clone()
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return away(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case res.StatusCode >= 300:
		return answered(res, raw)
	case err != nil:
		return away(err)
	case len(raw) > maxAnswer:
		return errs.Newf(errs.Unavailable, typev1.Reason_REASON_TOO_LARGE, "the model's answer is larger than %d bytes", maxAnswer)
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return away(err)
	}
	return nil
}

// answered turns a provider's refusal into what the worker acts on.
func answered(res *http.Response, body []byte) error {
	status := res.StatusCode
	err := errors.New("status " + strconv.Itoa(status))
	switch {
	case status == http.StatusTooManyRequests:
		return errs.Wrap(err, errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "the model provider asks for a pause").After(retryAfter(res))
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		// Providers quote the key in these: their words are not kept.
		return errs.Wrap(err, errs.Denied, typev1.Reason_REASON_CREDENTIAL_DEAD, "the model provider refuses the key; set a valid one")
	case status == http.StatusRequestTimeout || status >= 500:
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the model provider answered "+strconv.Itoa(status)).After(retryAfter(res))
	case status < 400:
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_TOOL_FAILED, "the model provider redirects, which is not followed; set the final base URL")
	}
	err = errors.New(err.Error() + ": " + strings.ToValidUTF8(string(body[:min(len(body), maxExplanation)]), ""))
	return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_TOOL_FAILED, "the model provider refuses the request with "+strconv.Itoa(status)+"; check model and base URL")
}

// away is every failure without a status: the network, a deadline, an answer that cannot be read.
func away(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return errs.As(err)
	case errors.Is(err, context.DeadlineExceeded):
		return errs.Wrap(err, errs.Timeout, typev1.Reason_REASON_TIMEOUT, "the model did not answer in time")
	}
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the model provider cannot be reached or answers something unreadable")
}

func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}
