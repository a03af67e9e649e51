package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"

	"connectrpc.com/connect"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/boot"
	"chimera/services/kit/errs"
)

// codes is the one place where a kind becomes a Connect code; kit/control is its inverse.
var codes = map[errs.Kind]connect.Code{
	errs.Internal: connect.CodeInternal, errs.Invalid: connect.CodeInvalidArgument, errs.Unauthenticated: connect.CodeUnauthenticated,
	errs.Denied: connect.CodePermissionDenied, errs.NotFound: connect.CodeNotFound, errs.Conflict: connect.CodeFailedPrecondition,
	errs.Throttled: connect.CodeResourceExhausted, errs.Unavailable: connect.CodeUnavailable, errs.Timeout: connect.CodeDeadlineExceeded,
	errs.Cancelled: connect.CodeCanceled, errs.Unknown: connect.CodeUnknown,
}

// codeOf splits conflicts the way Connect's clients expect: read again and retry, it is there already, or the
// state forbids it.
func codeOf(e *errs.Error) connect.Code {
	switch e.Reason {
	case typev1.Reason_REASON_STALE_VERSION:
		return connect.CodeAborted
	case typev1.Reason_REASON_ALREADY_EXISTS, typev1.Reason_REASON_IDEMPOTENCY_KEY_REUSED:
		return connect.CodeAlreadyExists
	}
	if code, ok := codes[e.Kind]; ok {
		return code
	}
	return connect.CodeInternal
}

// failures turns whatever went wrong inside into what the caller may know.
func (c *core) failures() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			resp, err := next(ctx, req)
			if err != nil {
				return nil, c.fail(ctx, req.Spec().Procedure, err)
			}
			return resp, nil
		}
	}
}

// fail logs an error with its cause and returns the caller's view of it: code, ErrorInfo and Retry-After.
func (c *core) fail(ctx context.Context, procedure string, err error) error {
	id := boot.IDsFrom(ctx).Request
	e := asError(err)
	code := codeOf(e)
	level := slog.LevelInfo
	switch e.Kind {
	case errs.Internal, errs.Unknown:
		level = slog.LevelError
	case errs.Unauthenticated, errs.Denied, errs.Unavailable, errs.Timeout:
		level = slog.LevelWarn
	}
	c.Log.LogAttrs(ctx, level, "call refused", slog.String("procedure", procedure), slog.String("code", code.String()),
		slog.String("reason", e.Reason.String()), slog.Any("error", err))
	out := connect.NewError(code, errors.New(e.Public))
	if detail, derr := connect.NewErrorDetail(errs.Info(public(e), id)); derr == nil {
		out.AddDetail(detail)
	}
	var connectErr *connect.Error
	if errors.As(err, &connectErr) && e.Kind == errs.Invalid {
		// The validator's violations name fields and rules, for forms.
		for _, d := range connectErr.Details() {
			out.AddDetail(d)
		}
	}
	if e.RetryAfter > 0 {
		out.Meta().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	return out
}

// asError knows Connect's own errors too: the validator's, and those of the protocol.
func asError(err error) *errs.Error {
	var ours *errs.Error
	var theirs *connect.Error
	if !errors.As(err, &ours) && errors.As(err, &theirs) {
		switch theirs.Code() {
		case connect.CodeInvalidArgument:
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, theirs.Message())
		case connect.CodeResourceExhausted:
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_TOO_LARGE, "the request is too large")
		}
	}
	return errs.As(err)
}

// public drops the facts that speak of our insides.
func public(e *errs.Error) *errs.Error {
	shown := *e
	if _, internal := e.Meta["constraint"]; internal || e.Kind == errs.Internal {
		shown.Meta = nil
	}
	return &shown
}

// recovered makes a panic an internal error; the stack stays in the log.
func (c *core) recovered(_ context.Context, spec connect.Spec, _ http.Header, p any) error {
	return fmt.Errorf("panic in %s: %v\n%s", spec.Procedure, p, debug.Stack())
}
