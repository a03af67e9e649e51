// Command worker performs tasks through the skills' tools.
package main

import (
	"context"
	"log/slog"
	"os"

	"chimera/services/kit/boot"
	"chimera/services/worker"
)

func main() {
	boot.Main("worker", func(ctx context.Context, log *slog.Logger) error {
		cfg, err := worker.FromEnv()
		if err != nil {
			return err
		}
		if len(os.Args) == 2 && os.Args[1] == "healthcheck" {
			return boot.Healthcheck(ctx, cfg.OpsAddr, "/readyz")
		}
		return worker.Run(ctx, cfg, log)
	})
}
