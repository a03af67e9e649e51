// Package errs is the one error type of every Chimera process. The kind tells the runtime what to do
// (retry, refuse, escalate); the reason is the proto enum that RPC, bus and the Platform share; Public is
// the only text that leaves the process.
package errs

import (
	"context"
	"errors"
	"fmt"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
)

// Kind decides retry or refusal; it maps once to a Connect code, in the orchestrator's api package.
type Kind uint8

const (
	// Internal is a defect of ours; its text never leaves the process.
	Internal Kind = iota
	Invalid
	Unauthenticated
	Denied
	NotFound
	// Conflict means the object changed since it was read, or its state forbids the step.
	Conflict
	// Throttled means: the same call later; see Error.RetryAfter.
	Throttled
	// Unavailable means a part is away; the same call later may succeed.
	Unavailable
	Timeout
	Cancelled
	// Unknown is an effect that may or may not have happened: never retried blindly.
	Unknown
)

var kindNames = [...]string{"internal", "invalid", "unauthenticated", "denied", "not_found", "conflict", "throttled", "unavailable", "timeout", "cancelled", "unknown"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Retryable reports whether the same work may be tried again as it is. Unknown never is.
func (k Kind) Retryable() bool {
	return k == Throttled || k == Unavailable || k == Timeout
}

// Error carries what the caller may know (Reason, Public, Meta, RetryAfter) apart from what only the log may (Err).
type Error struct {
	Kind       Kind
	Reason     typev1.Reason
	Public     string
	Meta       map[string]string
	RetryAfter time.Duration
	Err        error
}

// New makes an error whose public text says what happened and what to do.
func New(kind Kind, reason typev1.Reason, public string) *Error {
	return &Error{Kind: kind, Reason: reason, Public: public}
}

// Newf is New with a formatted public text: no internals, no secrets among the arguments.
func Newf(kind Kind, reason typev1.Reason, format string, args ...any) *Error {
	return New(kind, reason, fmt.Sprintf(format, args...))
}

// Wrap keeps the cause for the log and hides it from the caller.
func Wrap(err error, kind Kind, reason typev1.Reason, public string) *Error {
	return &Error{Kind: kind, Reason: reason, Public: public, Err: err}
}

// With adds one public fact, such as the limit that was passed.
func (e *Error) With(key, value string) *Error {
	if e.Meta == nil {
		e.Meta = map[string]string{}
	}
	e.Meta[key] = value
	return e
}

// After says when another try may help.
func (e *Error) After(d time.Duration) *Error {
	e.RetryAfter = d
	return e
}

func (e *Error) Error() string {
	s := e.Kind.String() + "/" + e.Reason.String() + ": " + e.Public
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// As returns err as an *Error. A context's end becomes Timeout or Cancelled; anything else is Internal.
// It returns nil for nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return Wrap(err, Timeout, typev1.Reason_REASON_TIMEOUT, "it took too long; try again")
	case errors.Is(err, context.Canceled):
		return Wrap(err, Cancelled, typev1.Reason_REASON_CANCELLED, "it was cancelled")
	}
	return Wrap(err, Internal, typev1.Reason_REASON_INTERNAL, "something went wrong on our side; the request id leads to the log")
}

// KindOf is As(err).Kind; Internal for nil must not be asked for.
func KindOf(err error) Kind { return As(err).Kind }

// ReasonOf is UNSPECIFIED for nil.
func ReasonOf(err error) typev1.Reason {
	if err == nil {
		return typev1.Reason_REASON_UNSPECIFIED
	}
	return As(err).Reason
}
