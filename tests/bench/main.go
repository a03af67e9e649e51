// Command bench measures the system beside a bare skeleton of its own design; see README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"chimera/tests/bench/internal/skeleton"
)

// command is one thing the bench can do.
type command struct {
	about string
	run   func(ctx context.Context, args []string) error
}

func commands() map[string]command {
	return map[string]command{
		skeleton.Orchestrator: {"", program(skeleton.Orchestrator)},
		skeleton.Worker:       {"", program(skeleton.Worker)},
		skeleton.ToolServer:   {"", func(ctx context.Context, _ []string) error { return skeleton.ServeTool(ctx) }},
		"run":                 {"everything, in interleaved rounds: the table", table},
		"reads":               {"the API's reads with a backlog of 100,000 tasks, and 10,000 open reviews", backlog},
		"gate":                {"the counted figures, for CI: fails when one does not hold", gate},
		"soak":                {"a steady load for ten minutes: fails when memory grows", soak},
		"steps":               {"an open loop that doubles its rate until we fall behind", steps},
		"w1":                  {"W1 or W2 of ours alone, quickly: what one works with while making it faster", single},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := dispatch(ctx, os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	all := commands()
	if len(args) > 0 {
		if c, ok := all[args[0]]; ok {
			return c.run(ctx, args[1:])
		}
	}
	var usage strings.Builder
	usage.WriteString("usage: bench COMMAND [flags], from the repository's root; one of\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].about == "" {
			continue // the bench starts these itself
		}
		fmt.Fprintf(&usage, "  %-10s %s\n", name, all[name].about)
	}
	return errors.New(usage.String())
}

func program(name string) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		if len(args) != 1 {
			return errors.New("want the file of its configuration")
		}
		raw, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		var cfg skeleton.Config
		if err := json.Unmarshal(raw, &cfg); err != nil {
			return err
		}
		return skeleton.Run(ctx, name, cfg)
	}
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
