package skillkit

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"golang.org/x/sync/errgroup"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/boot"
	"chimera/services/kit/errs"
)

// Main is a skill's whole main function: configuration from the environment, telemetry, the tools that
// register adds, then streamable HTTP on CHIMERA_ADDR, or stdio when the process is started with --stdio. Started
// with healthcheck it asks the process at CHIMERA_OPS_ADDR instead.
// ctx ends when the process is told to stop.
func Main(name, version string, register func(ctx context.Context, s *Server) error) {
	boot.Main("skill-"+name, func(ctx context.Context, log *slog.Logger) error {
		cfg, err := FromEnv()
		if err != nil {
			return err
		}
		if len(os.Args) == 2 && os.Args[1] == "healthcheck" {
			return boot.Healthcheck(ctx, cfg.OpsAddr, "/readyz")
		}
		s, err := New(name, version, cfg, log)
		if err != nil {
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the skill's configuration is wrong")
		}
		if err := register(ctx, s); err != nil {
			return err
		}
		return s.Run(ctx, slices.Contains(os.Args[1:], "--stdio"))
	})
}

// FromEnv reads Config from CHIMERA_*.
func FromEnv() (Config, error) {
	var cfg Config
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return cfg, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the environment cannot be read")
	}
	return cfg, nil
}

// Log is the process's logger, for the tools' own lines.
func (s *Server) Log() *slog.Logger { return s.log }

// Run serves until ctx ends. Without an issuer it refuses HTTP unless anonymous callers are allowed.
func (s *Server) Run(ctx context.Context, stdio bool) error {
	flush, err := boot.Telemetry(ctx, "skill-"+s.name)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = flush(ctx)
	}()
	if stdio {
		return s.mcp.Run(ctx, &mcp.StdioTransport{})
	}
	if s.bearer == nil && !s.cfg.AllowAnonymous {
		return errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "set CHIMERA_OIDC_ISSUER: without it anyone could call this skill (CHIMERA_ALLOW_ANONYMOUS=true allows that)")
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return boot.Serve(ctx, s.log, s.cfg.Addr, s.Handler()) })
	if s.cfg.OpsAddr != "" {
		g.Go(func() error {
			return boot.Serve(ctx, s.log, s.cfg.OpsAddr, boot.Ops(func(context.Context) error { return s.ready() }))
		})
	}
	return g.Wait()
}
