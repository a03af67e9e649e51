package sandbox

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

const (
	shutdownGrace  = 3 * time.Second
	maxConnections = 512 // bounds memory: each may hold an upload, or hang under a fault
)

// Run serves until ctx ends. Errors: those of New, and an address that cannot be listened on.
func Run(ctx context.Context, cfg Config) error {
	cfg = cfg.withDefaults()
	server, err := New(cfg)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	web := &http.Server{
		Handler: server.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	cfg.Logger.InfoContext(ctx, "sandbox platforms ready", "address", listener.Addr().String(), "accounts", len(cfg.Accounts))

	served := make(chan error, 1)
	go func() { served <- web.Serve(netutil.LimitListener(listener, maxConnections)) }()
	select {
	case err = <-served:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		if web.Shutdown(grace) != nil {
			err = web.Close() // a request hung by a fault need not finish
		}
	}
	return errors.Join(err, server.Close())
}
