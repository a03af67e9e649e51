package system

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// startServices starts our own processes. The worker comes last: it is ready when it has seen every skill's tools.
func (d *Demo) startServices(ctx context.Context) error {
	together, inner := errgroup.WithContext(ctx)
	together.Go(func() error {
		return d.steps.do("the sandbox platforms answer", func() error {
			return d.run(inner, stageServices, "sandbox", "sandbox", d.plan.ports.URL("sandbox")+"/healthz", d.plan.sandbox())
		})
	})
	together.Go(func() error {
		return d.steps.do("the orchestrator is ready", func() error {
			for i := range d.options.Orchestrators {
				name := orchestratorName(i)
				if err := d.run(inner, stageServices, name, "orchestrator", d.plan.ports.URL(name+"-ops")+"/readyz", d.plan.orchestrator(i)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	together.Go(func() error {
		return d.steps.do("the skills are ready", func() error {
			all, inner := errgroup.WithContext(inner)
			for _, skill := range skills {
				all.Go(func() error {
					return d.run(inner, stageServices, skill, skill, d.plan.ports.URL(skill+"-ops")+"/readyz", d.plan.skill(skill))
				})
			}
			return all.Wait()
		})
	})
	if err := together.Wait(); err != nil {
		return err
	}
	return d.steps.do("the worker is ready", func() error {
		return d.run(ctx, stageWorker, "worker", "worker", d.plan.ports.URL("worker-ops")+"/readyz", d.plan.worker())
	})
}

// run starts one process of ours and keeps it up from then on.
func (d *Demo) run(ctx context.Context, stage int, name, binary, ready string, env environment) error {
	program, err := d.plan.program(name, binary, ready, env)
	if err != nil {
		return err
	}
	if err := program.Start(ctx); err != nil {
		return err
	}
	d.supervisor.Keep(stage, name, program)
	return nil
}
