package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Limits of every server here. There is no write timeout: answers may be streams; each route has its own deadline.
const (
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 60 * time.Second
	// bodyTimeout bounds how slowly a request's body may trickle in.
	bodyTimeout    = 30 * time.Second
	maxHeaderBytes = 16 << 10
	maxConnections = 1024
	maxStreams     = 100 // of one HTTP/2 connection
	drainTimeout   = 25 * time.Second
)

// Serve listens on addr and serves HTTP/1 and cleartext HTTP/2 until ctx ends, then drains for at most 25 s:
// nothing new is accepted, what runs may finish. It returns nil after a complete drain.
func Serve(ctx context.Context, log *slog.Logger, addr string, handler http.Handler) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return ServeListener(ctx, log, ln, handler)
}

// ServeListener is Serve on a listener, which it closes.
func ServeListener(ctx context.Context, log *slog.Logger, ln net.Listener, handler http.Handler) error {
	drain := make(chan struct{})
	// Requests outlive ctx: its end starts the drain. What still runs when the drain is over is cancelled.
	base, cancel := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), drainKey{}, (<-chan struct{})(drain)))
	defer cancel()
	srv := &http.Server{
		Handler:           boundBody(handler),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		Protocols:         new(http.Protocols),
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetUnencryptedHTTP2(true)

	served := make(chan error, 1)
	go func() { served <- srv.Serve(netutil.LimitListener(ln, maxConnections)) }()
	log.InfoContext(ctx, "serving", slog.String("addr", ln.Addr().String()))
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	close(drain)
	limit, stop := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer stop()
	if err := srv.Shutdown(limit); err != nil {
		cancel()
		return errors.Join(fmt.Errorf("drain on %s: %w", ln.Addr(), err), srv.Close())
	}
	return nil
}

type drainKey struct{}

// Draining is closed when the server of this request begins to stop: a long stream should then end by itself,
// or it holds up the stop. It is nil, so never ready, on a context that is not a request's.
func Draining(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(drainKey{}).(<-chan struct{})
	return c
}
