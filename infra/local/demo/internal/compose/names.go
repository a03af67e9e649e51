package compose

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"
)

// ResolveLocalhost makes *.localhost loopback for this process's default transport, as browsers and curl have it
// (RFC 6761, 6.3). Go asks the system's resolver, which need not know.
func ResolveLocalhost() {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return
	}
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, loopback(addr))
	}
}

func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err == nil && strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".localhost") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}
