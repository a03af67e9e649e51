package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/stage"
)

// single measures one work of ours alone. Its figures are for comparing with themselves: the table's come from
// `bench run`, beside the skeleton.
func single(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("w1", flag.ContinueOnError)
	tasks := flags.Int("tasks", 2000, "tasks, in plans of the shape")
	rounds := flags.Int("rounds", 2, "how often; the first warms up")
	shape := flags.String("shape", string(stage.Hundred), "one, hundred (W1) or chain (W2)")
	worker := flags.String("worker", string(stage.InProcessWorker), `"in process", "MCP stdio" or "MCP HTTP"`)
	rate := flags.Float64("rate", 0, "plans a second in an open loop; 0 is as fast as it goes")
	settle := flags.Bool("settle", false, "wait 10 s more, for an exact count of flushes")
	bare := flags.Bool("skeleton", false, "the skeleton's instead; -worker other than in process calls by MCP")
	profile := flags.String("profile", "", "a folder for CPU profiles of the last round")
	if err := flags.Parse(args); err != nil {
		return err
	}
	options := stage.Options{Say: say}
	if *profile != "" {
		options.Env = append(options.Env, "CHIMERA_PROFILING=true")
	}
	s, err := open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	kind := stage.WorkerKind(*worker)
	if err := s.Work(ctx, kind); err != nil {
		return err
	}
	work := measure.Ours{Stage: s, Kind: kind, Shape: stage.Shape(*shape), Rate: *rate, Settle: *settle}
	for range *rounds {
		if !*bare {
			break
		}
		k := measure.Skeleton{Stage: s, Shape: work.Shape, MCP: kind != stage.InProcessWorker, Rate: *rate, Settle: *settle}
		r, err := k.Run(ctx, max(1, *tasks/work.Shape.Tasks()))
		if err != nil {
			return err
		}
		fmt.Println(r)
	}
	for round := range *rounds {
		if *bare {
			break
		}
		if *profile != "" && round == *rounds-1 {
			work.Profile = *profile
		}
		r, err := work.Run(ctx, max(1, *tasks/work.Shape.Tasks()))
		if err != nil {
			return err
		}
		fmt.Println(r)
	}
	return nil
}

// open starts the system from the tree around the working directory.
func open(ctx context.Context, o stage.Options) (*stage.Stage, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat("go.mod"); err != nil {
		return nil, errors.New("start the bench in the repository's root")
	}
	return stage.Open(ctx, root, o)
}
