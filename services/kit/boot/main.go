// Package boot is how every Chimera process starts, logs, traces, serves and stops.
package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
)

// Exit codes of a Chimera process.
const (
	exitOK      = 0
	exitFailed  = 1
	exitConfig  = 2 // the configuration is wrong: starting again as it is will not help
	exitPanic   = 3
	exitIgnored = 130 // a second signal came while stopping
)

// collectAt is the growth of the heap, in percent, at which garbage is collected, unless GOGC says otherwise.
const collectAt = 400

// collectHarder is the memory, in bytes, near which garbage is collected as often as it takes, unless GOMEMLIMIT says
// otherwise: at 400 % a flood of large requests would let the heap grow to five times what it holds.
const collectHarder = 256 << 20

// Main runs a process until run returns, SIGINT or SIGTERM. The first signal ends ctx, a second one ends the
// process at once. It logs to standard error at CHIMERA_LOG_LEVEL (debug, info, warn, error), through a scan
// for secret.Process(), sets the variables that CHIMERA_SECRETS_DIR holds before run, and never returns.
func Main(name string, run func(ctx context.Context, log *slog.Logger) error) {
	if os.Getenv("GOGC") == "" {
		// What lives long here is a few MiB, so the default collects many times a second under load.
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(collectHarder)
	}
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals
		os.Exit(exitIgnored)
	}()
	os.Exit(runMain(ctx, os.Stderr, os.Getenv("CHIMERA_LOG_LEVEL"), name, run))
}

func runMain(ctx context.Context, w io.Writer, level, name string, run func(context.Context, *slog.Logger) error) (code int) {
	var min slog.Level
	err := min.UnmarshalText([]byte(orDefault(level, "info")))
	log := Logger(w, min, name, secret.Process())
	if err != nil {
		log.Error("cannot start", slog.String("err", "CHIMERA_LOG_LEVEL: want debug, info, warn or error"))
		return exitConfig
	}
	// What libraries print by themselves goes through the same scan.
	slog.SetDefault(log)
	defer func() {
		if p := recover(); p != nil {
			log.Error("panic", slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
			code = exitPanic
		}
	}()
	if err = readSecrets(os.Getenv("CHIMERA_SECRETS_DIR"), secret.Process()); err == nil {
		err = run(ctx, log)
	}
	switch {
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil:
		log.Info("stopped")
		return exitOK
	case errs.KindOf(err) == errs.Invalid:
		log.Error("cannot start: the configuration is wrong", slog.Any("err", err))
		return exitConfig
	}
	log.Error("failed", slog.Any("err", err))
	return exitFailed
}

func orDefault(v, def string) string {
	if v == "" {
		return def
	}
	return v
}
