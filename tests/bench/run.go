package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
	"chimera/tests/bench/internal/stage"
)

// results is where reports are kept, beside the checkout's other local data; it is not committed.
const results = ".bench"

// table measures everything in interleaved rounds, prints it, keeps it and compares it with the last time.
func table(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	rounds := flags.Int("rounds", 3, "interleaved rounds")
	scale := flags.Float64("scale", 1, "share of the full work: 10,000 tasks of W1, 2,000 plans of W2, 10 s at fixed rates")
	http := flags.Bool("http", false, "W1 with an MCP call by streamable HTTP too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := warmedUp(ctx, stage.Options{Say: say})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r := &report.Report{At: time.Now(), Commit: commit(ctx), Cores: runtime.NumCPU(), Scale: *scale}
	for n := range *rounds {
		say("round %d of %d", n+1, *rounds)
		if err := round(ctx, s, r, *scale, *http); err != nil {
			// What was measured before is shown, and not kept.
			r.Goals = append(ratios(r), counted(r)...)
			return errors.Join(err, r.Print(os.Stdout))
		}
	}
	r.Goals = append(ratios(r), counted(r)...)
	return finish(r, results)
}

// finish prints and keeps a report, and fails on a regression.
func finish(r *report.Report, folder string) error {
	former, err := report.Last(folder, r.Scale)
	if err != nil {
		return err
	}
	if err := r.Print(os.Stdout); err != nil {
		return err
	}
	name, err := r.Save(folder)
	if err != nil {
		return err
	}
	worse, skipped := r.Regressions(former)
	if former == nil {
		fmt.Printf("\nkept as %s; nothing to compare with\n", name)
		return nil
	}
	fmt.Printf("\nkept as %s; compared with %s\n", name, former.At.Format(time.DateTime))
	if skipped > 0 {
		fmt.Printf("%d ratios of times are not compared: others used more than a tenth of the machine\n", skipped)
	}
	if len(worse) > 0 {
		return fmt.Errorf("slower than last time:\n  %s", strings.Join(worse, "\n  "))
	}
	return nil
}

// warmedUp starts the system, lets it do a little and has its tables looked at, as they are a minute after an installation:
// caches, connections and missing statistics are not for the first round to pay.
func warmedUp(ctx context.Context, o stage.Options) (*stage.Stage, error) {
	s, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err = s.Work(ctx, stage.InProcessWorker); err == nil {
		_, err = measure.Ours{Stage: s, Kind: stage.InProcessWorker, Shape: stage.Hundred}.Run(ctx, 8)
	}
	if err == nil {
		_, err = s.Database.Exec(ctx, "vacuum (analyze)") //nolint:misspell // SQL
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// commit names the tree that is measured.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
