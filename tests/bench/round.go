package main

import (
	"context"
	"fmt"
	"time"

	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
	"chimera/tests/bench/internal/stage"
)

// work is one row of a round.
type work struct {
	name  string
	kind  stage.WorkerKind
	shape stage.Shape
	plans int
	rate  float64
	// alone has no counterpart in the skeleton.
	alone bool
}

func works(scale float64, http bool) []work {
	n := func(full int) int { return max(1, int(float64(full)*scale)) }
	all := []work{
		{name: w1Path, kind: stage.InProcessWorker, shape: stage.Hundred, plans: n(100)},
		{name: w2Path, kind: stage.InProcessWorker, shape: stage.Chain, plans: n(2000)},
		{name: steady200, kind: stage.InProcessWorker, shape: stage.One, plans: n(2000), rate: 200},
		{name: steady10, kind: stage.InProcessWorker, shape: stage.One, plans: n(100), rate: 10},
		{name: w1Stdio, kind: stage.StdioWorker, shape: stage.Hundred, plans: n(100)},
		{name: w2Stdio, kind: stage.StdioWorker, shape: stage.Chain, plans: n(2000)},
	}
	if http {
		all = append(all, work{name: w1HTTP, kind: stage.HTTPWorker, shape: stage.Hundred, plans: n(100), alone: true})
	}
	return all
}

// round measures every work once, ours and the skeleton's one after the other, so that what others do to the machine
// meets both; then the raw parts.
func round(ctx context.Context, s *stage.Stage, r *report.Report, scale float64, http bool) error {
	var kind stage.WorkerKind
	for _, w := range works(scale, http) {
		if w.kind != kind {
			if err := s.Work(ctx, w.kind); err != nil {
				return err
			}
			kind = w.kind
		}
		// A token lasts a quarter of an hour.
		if err := s.LogIn(ctx); err != nil {
			return err
		}
		got, err := measure.Ours{Stage: s, Kind: w.kind, Shape: w.shape, Rate: w.rate, Settle: w.name == w1Path}.Run(ctx, w.plans)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		say("%s: %s", w.name, got)
		r.Add(w.name, got)
		if w.alone {
			continue
		}
		bare, err := measure.Skeleton{Stage: s, MCP: w.kind != stage.InProcessWorker, Shape: w.shape, Rate: w.rate}.Run(ctx, w.plans)
		if err != nil {
			return fmt.Errorf("%s%s: %w", ofSkeleton, w.name, err)
		}
		say("%s%s: %s", ofSkeleton, w.name, bare)
		r.Add(ofSkeleton+w.name, bare)
	}
	c, err := measure.Raw(ctx, s, time.Second)
	r.Ceilings = append(r.Ceilings, c)
	return err
}
