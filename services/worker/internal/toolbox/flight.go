package toolbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// maxAnswer bounds one HTTP answer: the MCP library reads some bodies without limit.
const maxAnswer = 1 << 20

// HTTPDoer is the client whose transport carries the worker's identity.
type HTTPDoer = *http.Client

type flightKey struct{}

// flight is what the transport learns of one call: whether it left, and how it was answered. The MCP library
// tells neither.
type flight struct {
	sent   atomic.Bool
	status atomic.Int32
}

// mayHaveArrived is false only when the call certainly never reached the skill's tool: no connection, an
// answer by HTTP status before any tool ran, or a protocol error that says the tool does not exist.
func (f *flight) mayHaveArrived(err error) bool {
	if wire := answered(err); wire != nil && wire.Code == jsonrpc.CodeInvalidParams {
		return false
	}
	return !f.refused() && f.sent.Load()
}

func (f *flight) refused() bool {
	switch f.status.Load() {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return true
	}
	return false
}

// transport bounds answers and keeps a session alive: a plain 4xx would close it for good, for every call.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	f, _ := req.Context().Value(flightKey{}).(*flight)
	if f != nil {
		req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			GotConn: func(httptrace.GotConnInfo) { f.sent.Store(true) },
		}))
	}
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = &answerBody{ReadCloser: res.Body, left: maxAnswer}
	if f == nil {
		return res, nil
	}
	f.status.Store(int32(res.StatusCode))
	if f.refused() && !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		res.StatusCode, res.Status = http.StatusServiceUnavailable, "503 Service Unavailable"
	}
	return res, nil
}

// answerBody cuts an answer at its limit.
type answerBody struct {
	io.ReadCloser
	left int
}

var errFlood = errors.New("the skill's answer is larger than 1 MiB")

func (b *answerBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errFlood
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// answered returns the protocol error that the skill itself sent, nil if there is none. The library's own
// transport errors have the same type, with codes from -32005 to -32001.
func answered(err error) *jsonrpc.Error {
	var wire *jsonrpc.Error
	if !errors.As(err, &wire) || (wire.Code >= -32005 && wire.Code <= -32001) {
		return nil
	}
	return wire
}

// broken reports whether a session is of no more use after err.
func broken(err error) bool {
	if answered(err) != nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return errors.Is(err, mcp.ErrConnectionClosed) || errors.Is(err, mcp.ErrSessionMissing) || strings.Contains(err.Error(), "client is closing") || errors.Is(err, io.EOF)
}

// failure gives a failed call its kind.
func failure(ctx context.Context, err error, f *flight) *errs.Error {
	switch {
	case ctx.Err() != nil:
		return errs.As(errors.Join(context.Cause(ctx), err))
	case f.status.Load() == http.StatusUnauthorized || f.status.Load() == http.StatusForbidden:
		return errs.Wrap(err, errs.Unauthenticated, typev1.Reason_REASON_UNAUTHENTICATED, "the skill does not admit this worker")
	case f.status.Load() == http.StatusRequestEntityTooLarge:
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_TOO_LARGE, "the call is larger than the skill takes")
	case answered(err) != nil:
		return errs.Wrap(err, errs.Internal, typev1.Reason_REASON_TOOL_FAILED, "the skill could not handle the call")
	}
	reason := typev1.Reason_REASON_UNAVAILABLE
	if !f.sent.Load() {
		reason = typev1.Reason_REASON_SKILL_AWAY
	}
	return errs.Wrap(err, errs.Unavailable, reason, "the skill cannot be reached; try again")
}
