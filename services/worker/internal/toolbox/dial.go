package toolbox

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// sessionVersion is the newest protocol in which the two sides of a pipe say once who they are. The one after it is made
// for servers that remember nobody: each call names its client again, and is read twice more for it.
const sessionVersion = "2025-11-25"

func (b *Toolbox) client() *mcp.Client {
	return mcp.NewClient(&mcp.Implementation{Name: "chimera-worker", Version: "1"}, &mcp.ClientOptions{
		// Nothing is offered to a skill: it cannot ask the worker for anything.
		Capabilities:           &mcp.ClientCapabilities{},
		MultiRoundTrip:         &mcp.MultiRoundTripOptions{Disabled: true},
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { b.Kick() },
	})
}

func (b *Toolbox) dialer(a Address, h HTTPDoer) func(ctx context.Context) (*mcp.ClientSession, error) {
	if a.Program != "" {
		return func(ctx context.Context) (*mcp.ClientSession, error) {
			session, err := b.spawn(ctx, a, sessionVersion)
			if answered(err) != nil {
				// It lives and refuses: a skill may know no sessions any more.
				return b.spawn(ctx, a, "")
			}
			return session, err
		}
	}
	next := h.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	bounded := &http.Client{Transport: transport{next}, CheckRedirect: func(*http.Request, []*http.Request) error {
		// A redirect would carry the bearer token to an address nobody configured.
		return http.ErrUseLastResponse
	}}
	return func(ctx context.Context) (*mcp.ClientSession, error) {
		return b.client().Connect(ctx, &mcp.StreamableClientTransport{
			Endpoint: a.URL, HTTPClient: bounded, MaxRetries: -1, DisableStandaloneSSE: true, MaxEventSize: maxAnswer,
		}, nil)
	}
}

// spawn starts a stdio skill and greets it; an empty version asks for the newest that both know.
func (b *Toolbox) spawn(ctx context.Context, a Address, version string) (*mcp.ClientSession, error) {
	p, err := start(a, b.cfg.Environ, b.log)
	if err != nil {
		return nil, err
	}
	session, err := b.client().Connect(ctx, p.transport(), &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		_ = p.Close()
	}
	return session, err
}
