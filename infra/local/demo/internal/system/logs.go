package system

import (
	"context"
	"net"
	"net/http"
	"time"

	"chimera/infra/local/demo/internal/logs"
)

// startLogs serves the page that finds log lines, from this very process: it lives as long as the demo.
func (d *Demo) startLogs() error {
	listener, err := net.Listen("tcp", d.plan.ports.Address("logs"))
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           logs.Handler(d.plan.folder.Path("logs")),
		ReadHeaderTimeout: 5 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	d.stopLogs = func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}
	go func() { _ = server.Serve(listener) }()
	return nil
}
