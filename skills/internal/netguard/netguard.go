// Package netguard makes HTTP clients that may be given an address from outside (a feed, an image, a link):
// they reach public hosts only. The decision falls on the resolved address at the moment of dialling, for every
// hop, so neither a redirect nor a name that resolves differently the second time gets around it.
package netguard

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const (
	maxRedirects   = 5
	defaultMax     = 2 << 20
	defaultTimeout = 10 * time.Second
	maxHeaderBytes = 64 << 10
)

// Policy says how far a client may go. The zero value is the strict one.
type Policy struct {
	// AllowHostPorts are exceptions, each exactly "host:port" as the URL names it: a local feed in the demo.
	// They lift the rule on ports and addresses for that host and port, nothing else.
	AllowHostPorts []string
	// MaxBytes bounds a response body after decompression; 0 means 2 MiB.
	MaxBytes int64
	// Timeout bounds one exchange with all its redirects and the body; 0 means 10 s.
	Timeout time.Duration
	// Resolver replaces the system's resolver; nil means the system's.
	Resolver *net.Resolver
}

// Client returns a client that follows at most 5 redirects, ignores proxies from the environment and keeps no
// cookies. A forbidden scheme, userinfo, port or address fails with ADDRESS_REFUSED (Denied), a body over
// MaxBytes with TOO_LARGE (Invalid) while it is read; both are found with errors.As through *url.Error.
func Client(p Policy) *http.Client { return newClient(p, []string{"80", "443"}, refuseNonPublic) }

// newClient takes ports and guard so that a test can show what happens without them.
func newClient(p Policy, ports []string, guard controlFunc) *http.Client {
	g := gate{ports: ports, maxBytes: orDefault(p.MaxBytes, defaultMax)}
	for _, hp := range p.AllowHostPorts {
		g.allowed = append(g.allowed, strings.ToLower(strings.TrimSpace(hp)))
	}
	timeout := orDefault(p.Timeout, defaultTimeout)
	free := &net.Dialer{Timeout: timeout, Resolver: p.Resolver}
	guarded := &net.Dialer{Timeout: timeout, Resolver: p.Resolver, Control: guard}
	g.next = &http.Transport{
		Proxy: nil,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if g.isAllowed(addr) {
				return free.DialContext(ctx, network, addr)
			}
			return guarded.DialContext(ctx, network, addr)
		},
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           16,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    timeout,
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	return &http.Client{Transport: g, Timeout: timeout, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return refused("the address redirects more than 5 times")
		}
		return nil
	}}
}

// gate judges the URL of every hop before it is dialled, and bounds the answer.
type gate struct {
	next     http.RoundTripper
	allowed  []string
	ports    []string
	maxBytes int64
}

func (g gate) isAllowed(hostPort string) bool {
	return slices.Contains(g.allowed, strings.ToLower(hostPort))
}

func (g gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.checkURL(r.URL); err != nil {
		return nil, err
	}
	res, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.ContentLength > g.maxBytes {
		_ = res.Body.Close()
		return nil, tooLarge(g.maxBytes)
	}
	res.Body = &boundedBody{ReadCloser: res.Body, max: g.maxBytes, left: g.maxBytes}
	return res, nil
}

func refused(public string) error {
	return errs.New(errs.Denied, typev1.Reason_REASON_ADDRESS_REFUSED, public)
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
