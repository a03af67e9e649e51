// Command sandbox runs the sandbox platforms for a local Chimera.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/caarlos0/env/v11"

	"chimera/infra/local/sandbox"
	"chimera/services/kit/boot"
)

// environment overrides the file, so that a launcher can place the server.
type environment struct {
	Config       string `env:"CONFIG,required"`
	Listen       string `env:"LISTEN"`
	PublicURL    string `env:"PUBLIC_URL"`
	DataDir      string `env:"DATA_DIR"`
	ControlToken string `env:"CONTROL_TOKEN"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func run() error {
	var e environment
	if err := env.ParseWithOptions(&e, env.Options{Prefix: "CHIMERA_SANDBOX_"}); err != nil {
		return err
	}
	cfg, err := sandbox.LoadConfig(e.Config)
	if err != nil {
		return err
	}
	for field, value := range map[*string]string{
		&cfg.Listen: e.Listen, &cfg.PublicURL: e.PublicURL,
		&cfg.DataDir: e.DataDir, &cfg.ControlToken: e.ControlToken,
	} {
		if value != "" {
			*field = value
		}
	}
	cfg.Logger = slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("service", "sandbox")
	if len(os.Args) == 2 && os.Args[1] == "healthcheck" {
		return boot.Healthcheck(context.Background(), cfg.Listen, "/healthz")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return sandbox.Run(ctx, cfg)
}
