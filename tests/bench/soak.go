package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/load"
	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
	"chimera/tests/bench/internal/stage"
)

// maxSoak is under the quarter of an hour that an access token lasts.
const maxSoak = 14 * time.Minute

// soak offers a steady load and watches memory.
func soak(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	span := flags.Duration("for", 10*time.Minute, "how long, at most 14m")
	rate := flags.Float64("rate", 100, "plans of one task a second")
	every := flags.Duration("every", 5*time.Second, "how often memory is looked at")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *span > maxSoak {
		return fmt.Errorf("-for must be at most %s", maxSoak)
	}
	s, err := warmedUp(ctx, stage.Options{Say: say})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	plans := load.Plans(s.Tenants, stage.Playbook(stage.One, stage.InProcess), int(*rate*span.Seconds()))
	work := load.Submissions(plans)
	samples := measure.Samples{}
	g, gctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(gctx)
	g.Go(func() error { samples.Watch(watching, s, *every); return nil })
	g.Go(func() error { defer stop(); return load.At(gctx, work, *rate) })
	if err := g.Wait(); err != nil {
		return err
	}
	if err := load.Await(ctx, s, plans, time.Minute); err != nil {
		return err
	}
	out, err := load.Check(ctx, s, plans, 1)
	if err != nil {
		return err
	}
	fmt.Printf("%d tasks at %.0f/s for %s, all done, %d repeated\n", out.Tasks, *rate, *span, out.Repeated)
	return samples.Flat(os.Stdout)
}

// steps offers more and more, in an open loop, until the system cannot keep up.
func steps(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("steps", flag.ContinueOnError)
	from := flags.Float64("from", 25, "plans of one task a second; each step doubles it")
	most := flags.Float64("most", 3200, "where to end")
	span := flags.Duration("for", 10*time.Second, "how long each step is offered")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := warmedUp(ctx, stage.Options{Say: say})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var b strings.Builder
	b.WriteString("offered/s\tdone/s\tp50 ms\tp99 ms\torchestrator MiB\tworker MiB\tothers\t\n")
	defer func() { err = errors.Join(err, report.Columns(os.Stdout, b.String())) }()
	for rate := *from; rate <= *most; rate *= 2 {
		r, err := measure.Ours{Stage: s, Kind: stage.InProcessWorker, Shape: stage.One, Rate: rate}.Run(ctx, int(rate*span.Seconds()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%.0f\t%.0f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f %%\t\n", rate, r.TasksPerSecond(), ms(r.P50), ms(r.P99), mib(s, "orchestrator"), mib(s, "worker"), r.Cost.Others*100)
		if r.TasksPerSecond() < 0.8*rate {
			break // it falls behind: what follows would measure the queue
		}
	}
	return nil
}

func mib(s *stage.Stage, name string) float64 { return float64(counts.RSS(s.PID(name))) / (1 << 20) }
