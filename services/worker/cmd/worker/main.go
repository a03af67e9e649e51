// Command worker performs tasks through the skills' tools.
package main

import (
	"context"
	"log/slog"

	"chimera/services/kit/boot"
	"chimera/services/worker"
)

func main() {
	boot.Main("worker", func(ctx context.Context, log *slog.Logger) error {
		cfg, err := worker.FromEnv()
		if err != nil {
			return err
		}
		return worker.Run(ctx, cfg, log)
	})
}
