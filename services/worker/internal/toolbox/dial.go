package toolbox

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

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
			p, err := start(a, b.cfg.Environ, b.log)
			if err != nil {
				return nil, err
			}
			session, err := b.client().Connect(ctx, p.transport(), nil)
			if err != nil {
				_ = p.Close()
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
