package skillkittest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
	"chimera/skills/internal/skillkit"
)

// Call is a call's `_meta`; see toolmeta.
type Call = toolmeta.Call

// Harness is a skill served over HTTP with a connected client.
type Harness struct {
	Server  *skillkit.Server
	Control *Control
	Session *mcp.ClientSession
	// Task is the task every call belongs to unless an Option says otherwise.
	Task Call
}

// New serves a skill named name. configure may change its configuration before it starts.
func New(t testing.TB, name string, register func(ctx context.Context, s *skillkit.Server) error, configure ...func(*skillkit.Config)) *Harness {
	t.Helper()
	return NewLogged(t, name, slog.New(slog.DiscardHandler), register, configure...)
}

// NewLogged is New with the skill's log going to log.
func NewLogged(t testing.TB, name string, log *slog.Logger, register func(ctx context.Context, s *skillkit.Server) error, configure ...func(*skillkit.Config)) *Harness {
	t.Helper()
	control := NewControl(t)
	cfg := skillkit.Config{OrchestratorURL: control.URL, GrantPublicKeys: []string{control.PublicKey}, AllowAnonymous: true, RateLimits: "*=1000/s:1000"}
	for _, f := range configure {
		f(&cfg)
	}
	server, err := skillkit.New(name, "0.0.0-test", cfg, log)
	require.NoError(t, err)
	require.NoError(t, register(t.Context(), server))
	h := &Harness{Server: server, Control: control, Session: Connect(t, server)}
	h.Task = Call{TenantID: uuid.NewString(), TaskID: uuid.NewString(), RequestID: "req-test", Epoch: 1, Attempt: 1}
	return h
}

// Connect serves a server over stateless HTTP and returns a client's session with it.
func Connect(t testing.TB, server *skillkit.Server) *mcp.ClientSession {
	t.Helper()
	web := httptest.NewServer(server.Handler())
	t.Cleanup(web.Close)
	client := mcp.NewClient(&mcp.Implementation{Name: "skillkittest", Version: "1"}, &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}})
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: web.URL + "/mcp", HTTPClient: web.Client(), DisableStandaloneSSE: true}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// Option changes the `_meta` of one call.
type Option func(*Call)

// Account names the account a call is for.
func Account(id string) Option { return func(c *Call) { c.AccountID = id } }

// DryRun asks for the plan.
func DryRun() Option { return func(c *Call) { c.DryRun = true } }

// Result is what came back, decoded as a worker decodes it.
type Result struct {
	Output  json.RawMessage
	Report  toolmeta.Report
	Outcome toolmeta.Outcome
	// Err is nil unless the result is an error.
	Err *errs.Error
}

// Into decodes the output.
func Into[T any](t testing.TB, r Result) (out T) {
	t.Helper()
	if r.Err != nil {
		t.Fatalf("the tool failed: %v", r.Err)
	}
	require.NoError(t, json.Unmarshal(r.Output, &out))
	return out
}

// Call calls a tool with args, any value that marshals to a JSON object.
func (h *Harness) Call(t testing.TB, tool string, args any, options ...Option) Result {
	t.Helper()
	call := h.Task
	for _, o := range options {
		o(&call)
	}
	return h.call(t, tool, args, call)
}

// Execute signs a grant for exactly these arguments and calls the effect with it.
func (h *Harness) Execute(t testing.TB, tool string, args any, options ...Option) Result {
	t.Helper()
	call := h.Task
	for _, o := range options {
		o(&call)
	}
	raw, err := json.Marshal(args)
	require.NoError(t, err)
	digest, ok := h.Server.Digest(tool)
	require.True(t, ok, "no such tool: %s", tool)
	call.Grant = h.Control.Sign(t, call, h.Server.Name()+"."+tool, digest, raw)
	return h.call(t, tool, args, call)
}

func (h *Harness) call(t testing.TB, tool string, args any, call Call) Result {
	t.Helper()
	meta, err := call.Meta()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	res, err := h.Session.CallTool(ctx, &mcp.CallToolParams{Meta: meta, Name: tool, Arguments: args})
	require.NoError(t, err)
	return Decode(t, res)
}

// Decode reads a result.
func Decode(t testing.TB, res *mcp.CallToolResult) Result {
	t.Helper()
	out := Result{}
	out.Report, _ = toolmeta.Decode[toolmeta.Report](res.Meta, toolmeta.ReportKey)
	if o, ok := res.Meta[toolmeta.OutcomeKey].(string); ok {
		out.Outcome = toolmeta.Outcome(o)
	}
	if res.IsError {
		e, ok := toolmeta.Decode[toolmeta.Error](res.Meta, toolmeta.ErrorKey)
		require.True(t, ok, "an error without its kind: %v", res.GetError())
		out.Err = e.Err()
		return out
	}
	raw, err := json.Marshal(res.StructuredContent)
	require.NoError(t, err)
	out.Output = raw
	return out
}
