// Command orchestrator serves the control plane; its subcommands migrate, seed and verify.
package main

import (
	"context"
	"log/slog"
	"os"

	"chimera/services/kit/boot"
	"chimera/services/orchestrator"
)

func main() {
	boot.Main("orchestrator", func(ctx context.Context, log *slog.Logger) error {
		return orchestrator.Command(ctx, os.Args[1:], os.Stdout, log)
	})
}
