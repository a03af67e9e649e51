package platformhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// StatusError is an answer of 300 or more. Vendor packages turn it into an *errs.Error with Typed.
type StatusError struct {
	Status int
	Header http.Header
	Body   []byte

	effect bool
	now    time.Time
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("HTTP %d: %.300s", e.Status, e.Body)
}

// Typed gives the error its kind. said is the platform's own message, for people. Statuses that do not
// prove that an effect stayed away give Unknown: all 5xx and 3xx, and of 4xx those that a proxy sends
// after it has passed the request on (408, 409, 425).
func (e *StatusError) Typed(said string) *errs.Error {
	said = clip(said)
	switch e.Status {
	case http.StatusTooManyRequests:
		return errs.Wrap(e, errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "the platform asks to wait").After(RetryAfter(e.Header, e.now))
	case http.StatusUnauthorized:
		return Dead(e, said)
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
		return e.unclear()
	case http.StatusNotFound, http.StatusGone:
		return errs.Wrap(e, errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "the platform does not have it")
	}
	switch {
	case e.Status >= 500:
		return e.unclear()
	case e.Status >= 400:
		return errs.Wrap(e, errs.Invalid, typev1.Reason_REASON_PLATFORM_REJECTED, "the platform refused: "+said).With("status", strconv.Itoa(e.Status))
	case e.effect:
		return e.unclear()
	}
	return errs.Wrap(e, errs.Invalid, typev1.Reason_REASON_PLATFORM_REJECTED, "the account's server address redirects elsewhere; correct the account")
}

func (e *StatusError) unclear() *errs.Error {
	status := strconv.Itoa(e.Status)
	if e.effect {
		return Unknown(e).With("status", status)
	}
	return errs.Wrap(e, errs.Unavailable, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, "the platform failed; try again later").With("status", status)
}

// Unknown says that the effect may have happened: read back before anything else.
func Unknown(err error) *errs.Error {
	return errs.Wrap(err, errs.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN, "the platform did not confirm; it must be read back before another try")
}

// Dead says that the platform no longer takes this credential.
func Dead(err error, said string) *errs.Error {
	return errs.Wrap(err, errs.Unauthenticated, typev1.Reason_REASON_CREDENTIAL_DEAD, "the platform refuses the account's credential; connect the account again").With("platform_message", clip(said))
}

// Garbled is for an answer with a good status and an unreadable body.
func Garbled(err error, effect bool) *errs.Error {
	if effect {
		return Unknown(err)
	}
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, "the platform's answer cannot be read; try again later")
}

// unanswered types a failure without a complete answer.
func unanswered(err error, effect, connected bool) error {
	var own *errs.Error
	switch {
	case errors.As(err, &own) && !connected: // the dialer's own refusal, such as a private address
		return own
	case effect && connected:
		return Unknown(err)
	case errors.Is(err, context.DeadlineExceeded):
		return errs.Wrap(err, errs.Timeout, typev1.Reason_REASON_TIMEOUT, "the platform took too long; try again later")
	case errors.Is(err, context.Canceled):
		return errs.Wrap(err, errs.Cancelled, typev1.Reason_REASON_CANCELLED, "it was cancelled")
	}
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, "the platform cannot be reached; try again later")
}

// maxWait bounds what a platform may ask for: the longest published window is a day.
const maxWait = 24 * time.Hour

// RetryAfter reads how long to wait from Retry-After (seconds or date), RateLimit-Reset (Unix seconds) or
// X-RateLimit-Reset (ISO 8601 or Unix seconds). It is between 1 s and 24 h, and 60 s when nothing is said.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	wait := time.Minute
	if text := h.Get("Retry-After"); text != "" {
		if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
			wait = time.Duration(seconds) * time.Second
		} else if at, err := http.ParseTime(text); err == nil {
			wait = at.Sub(now)
		}
		return min(max(wait, time.Second), maxWait)
	}
	for _, key := range []string{"RateLimit-Reset", "X-RateLimit-Reset"} {
		text := h.Get(key)
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			wait = at.Sub(now)
			break
		}
		if unix, err := strconv.ParseInt(text, 10, 64); err == nil {
			wait = time.Unix(unix, 0).Sub(now)
			break
		}
	}
	return min(max(wait, time.Second), maxWait)
}

// clip bounds a foreign text that people will read.
func clip(s string) string {
	const most = 300
	r := []rune(s)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
