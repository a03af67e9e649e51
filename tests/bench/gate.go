package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
	"chimera/tests/bench/internal/stage"
)

// gate measures the counted figures and fails when one does not hold. It is for CI, whose machines are shared.
func gate(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("gate", flag.ContinueOnError)
	plans := flags.Int("plans", 100, "plans of a hundred tasks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := warmedUp(ctx, stage.Options{Say: say})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	got, err := measure.Ours{Stage: s, Kind: stage.InProcessWorker, Shape: stage.Hundred, Settle: true}.Run(ctx, *plans)
	if err != nil {
		return err
	}
	r := &report.Report{At: time.Now(), Commit: commit(ctx), Cores: runtime.NumCPU(), Scale: float64(*plans) / 100}
	r.Add(w1Path, got)
	r.Goals = counted(r)
	if err := r.Print(os.Stdout); err != nil {
		return err
	}
	return held(r.Goals)
}

// held fails on figures that miss what they are gated on.
func held(goals []report.Goal) error {
	var missed []string
	for _, g := range goals {
		bound := g.Bound()
		fmt.Printf("gate: %s %.3f, must hold %.3g (goal %.3g, floor %.3g)\n", g.Name, g.Value, bound, g.Goal, g.Floor)
		if !g.Holds(bound) {
			missed = append(missed, fmt.Sprintf("%s is %.3f, must hold %.3g", g.Name, g.Value, bound))
		}
	}
	if len(missed) > 0 {
		return errors.New("slower than may be: " + strings.Join(missed, "; "))
	}
	return nil
}
