// Package skillkit is the server every skill is built on: MCP over streamable HTTP or stdio behind one
// middleware chain that holds what no tool may forget — tenant, rate limits, dry run, grants, timeouts,
// audit, traces and metrics (R8.3, R10.7).
package skillkit

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"chimera/services/kit/grant"
)

const (
	// maxBody bounds one request: 256 KiB of arguments, a grant, and JSON's escapes. Media travels by reference.
	maxBody = 1 << 20
	// maxOutput bounds a tool's structured output; the Result that carries it has the same limit.
	maxOutput = 256 << 10
	// maxCalls bounds calls in flight, those included that were cut off and still hold a goroutine.
	maxCalls = 256
)

// Server is one skill. Register tools before serving; it is then safe for concurrent use.
type Server struct {
	name, version string
	cfg           Config
	log           *slog.Logger
	mcp           *mcp.Server
	entries       map[string]*entry
	verifier      *grant.Verifier
	control       *control
	bearer        *bearer
	limits        *limits
	tracer        trace.Tracer
	slots         chan struct{}
	now           func() time.Time
}

// New makes a skill's server. It fails on keys, limits or addresses that cannot be read.
func New(name, version string, cfg Config, log *slog.Logger) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		name: name, version: version, cfg: cfg, log: log, entries: map[string]*entry{},
		tracer: otel.Tracer("chimera/skillkit"), slots: make(chan struct{}, maxCalls), now: time.Now,
	}
	var err error
	if s.verifier, err = cfg.verifier(); err != nil {
		return nil, err
	}
	if s.limits, err = parseLimits(cfg.RateLimits); err != nil {
		return nil, err
	}
	if s.control, err = newControl(cfg, log); err != nil {
		return nil, err
	}
	if cfg.Issuer != "" {
		s.bearer = newBearer(cfg, log)
	}
	s.mcp = mcp.NewServer(&mcp.Implementation{Name: name, Title: "Chimera " + name, Version: version}, &mcp.ServerOptions{
		Logger: slog.New(levelled{log.Handler()}),
		// Empty: logging to the client is not offered; a skill's log goes to its own stderr.
		Capabilities: &mcp.ServerCapabilities{},
	})
	// Once, here: middleware added per request would stack up.
	s.mcp.AddReceivingMiddleware(s.middleware)
	return s, nil
}

// add panics on a second tool of one name: a defect found at start.
func (s *Server) add(e *entry) {
	if _, twice := s.entries[e.Name]; twice {
		panic(fmt.Sprintf("skillkit: tool %s registered twice", e.Name))
	}
	if err := e.measure(s.name); err != nil {
		panic(fmt.Sprintf("skillkit: tool %s: %v", e.Name, err))
	}
	s.entries[e.Name] = e
	s.limits.prepare(e.Name)
	s.mcp.AddTool(e.tool(), s.handle)
}

// Digest is the pinned digest of a registered tool; ok is false for an unknown one.
func (s *Server) Digest(tool string) (digest string, ok bool) {
	e, ok := s.entries[tool]
	if !ok {
		return "", false
	}
	return e.digest, true
}

// Name is the skill's name, the first half of every qualified tool name.
func (s *Server) Name() string { return s.name }

// Handler serves MCP at /mcp: stateless, so any replica answers any call, and a call ends when its
// request does.
func (s *Server) Handler() http.Handler {
	h := http.Handler(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s.mcp }, &mcp.StreamableHTTPOptions{
		Stateless: true, PropagateRequestCancellation: true, MaxRequestBodyBytes: maxBody,
		Logger: slog.New(levelled{s.log.Handler()}),
	}))
	h = http.NewCrossOriginProtection().Handler(h)
	if s.bearer != nil {
		h = s.bearer.require(h)
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", h)
	return mux
}

// MCP is the underlying server, for in-memory and stdio transports.
func (s *Server) MCP() *mcp.Server { return s.mcp }

var errNoTools = errors.New("a skill without tools")

func (s *Server) ready() error {
	if len(s.entries) == 0 {
		return errNoTools
	}
	return nil
}
