// Package worker is the worker's wiring: tasks from the bus, tools from the skills, claims and heartbeats to
// the orchestrator, results to the bus. A worker owns nothing (R6.3).
package worker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	"chimera/services/internal/bus"
	"chimera/services/kit/boot"
	"chimera/services/kit/control"
	"chimera/services/worker/internal/perform"
	"chimera/services/worker/internal/toolbox"
)

// handlerMargin is what a task message needs beyond the tool's own time: the claim, and publishing.
const handlerMargin = time.Minute

// Tools are what a worker performs tasks with: the skills', but where only the path is measured.
type Tools interface {
	// Run makes the tools known, and keeps them so, until ctx ends.
	Run(ctx context.Context) error
	Call(ctx context.Context, r toolbox.Request) toolbox.Answer
	// Ready fails while no tool can be called.
	Ready(ctx context.Context) error
}

// Run works until ctx ends, then takes nothing new, lets what runs finish for the drain's time, and
// delivers results to the last.
func Run(ctx context.Context, cfg Config, log *slog.Logger) error {
	return RunWith(ctx, cfg, log, func(cfg Config, client *http.Client, orchestrator internalv1connect.WorkerServiceClient) Tools {
		return toolbox.New(toolbox.Config{WorkerID: cfg.ID, Skills: cfg.skills, Refresh: cfg.DiscoverEvery, Environ: os.Environ()}, client, orchestrator, log)
	})
}

// RunWith is Run with the tools that equip makes; it is given the configuration with all that was left out filled in.
func RunWith(ctx context.Context, cfg Config, log *slog.Logger, equip func(Config, *http.Client, internalv1connect.WorkerServiceClient) Tools) error {
	if err := cfg.check(); err != nil {
		return err
	}
	flush, err := boot.Telemetry(ctx, "worker")
	if err != nil {
		return err
	}
	// What must outlive the drain ends with this one, at the very last.
	last, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer func() {
		ctx, cancel := context.WithTimeout(last, 5*time.Second)
		defer cancel()
		_ = flush(ctx)
	}()

	queue, err := bus.Open(ctx, cfg.Bus, log)
	if err != nil {
		return err
	}
	defer func() { _ = queue.Close() }()

	identity := control.Identity{Issuer: cfg.Issuer, ClientID: cfg.ClientID, Secret: cfg.ClientSecret.Reveal()}
	client := identity.HTTPClient(cfg.Concurrency + 4)
	orchestrator, err := control.Worker(client, cfg.OrchestratorURL)
	if err != nil {
		return err
	}
	tools := equip(cfg, client, orchestrator)
	performer := perform.New(perform.Config{WorkerID: cfg.ID, BusAway: func() bool { return !queue.Reading() }}, orchestrator, tools.Call, publisher(queue), log)

	router, err := bus.NewRouter(queue, bus.RouterConfig{Drain: cfg.Drain})
	if err != nil {
		return err
	}
	bus.Handle(router, bus.Tasks, bus.Options{Concurrency: cfg.Concurrency, Timeout: perform.MaxTimeout + handlerMargin},
		func(ctx context.Context, _ bus.Delivery, task *busv1.Task) error { return performer.Perform(ctx, task) })

	// Tasks still running in the drain need their tools and their leases.
	background, _ := errgroup.WithContext(last)
	background.Go(func() error { return tools.Run(last) })
	background.Go(func() error { performer.Heartbeats(last); return nil })

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return router.Run(ctx) })
	if cfg.OpsAddr != "" {
		ready := func(ctx context.Context) error { return errors.Join(queue.Healthy(ctx), tools.Ready(ctx)) }
		g.Go(func() error { return boot.Serve(ctx, log, cfg.OpsAddr, boot.Ops(ready)) })
	}
	log.InfoContext(ctx, "worker started", "worker_id", cfg.ID, "skills", len(cfg.skills), "concurrency", cfg.Concurrency)
	err = g.Wait()
	end()
	return errors.Join(err, background.Wait())
}

func publisher(b *bus.Bus) perform.Publisher {
	return func(ctx context.Context, r *busv1.Result) error {
		env, err := bus.Results.Envelope(ctx, r)
		if err != nil {
			return err
		}
		return b.Publish(ctx, env)
	}
}
