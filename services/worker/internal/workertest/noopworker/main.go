// Command noopworker is a worker whose one tool answers inside the process: what a task costs without its tool
// (tests/bench). Claim, lease, heartbeat, result and bus are the worker's own; only the toolbox is replaced.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/caarlos0/env/v11"
	"golang.org/x/sync/errgroup"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	"chimera/services/internal/bus"
	"chimera/services/kit/boot"
	"chimera/services/kit/control"
	"chimera/services/kit/toolmeta"
	"chimera/services/worker"
	"chimera/services/worker/internal/perform"
	"chimera/services/worker/internal/toolbox"
)

const (
	// doubtful's answers are so uncertain that a person must look at each.
	doubtful = "inproc.doubt"
	version  = "1.0.0"
	// signOfLife is well under the minute for which a registration counts.
	signOfLife = 20 * time.Second
)

func main() { boot.Main("noopworker", run) }

func run(ctx context.Context, log *slog.Logger) error {
	var cfg worker.Config
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return err
	}
	flush, err := boot.Telemetry(ctx, "worker")
	if err != nil {
		return err
	}
	defer func() { _ = flush(context.WithoutCancel(ctx)) }()
	cfg.Bus.Consumer = cfg.ID
	queue, err := bus.Open(ctx, cfg.Bus, log)
	if err != nil {
		return err
	}
	defer func() { _ = queue.Close() }()
	identity := control.Identity{Issuer: cfg.Issuer, ClientID: cfg.ClientID, Secret: cfg.ClientSecret.Reveal()}
	orchestrator, err := control.Worker(identity.HTTPClient(cfg.Concurrency+4), cfg.OrchestratorURL)
	if err != nil {
		return err
	}
	publish := func(ctx context.Context, r *busv1.Result) error {
		e, err := bus.Results.Envelope(ctx, r)
		if err != nil {
			return err
		}
		return queue.Publish(ctx, e)
	}
	performer := perform.New(perform.Config{WorkerID: cfg.ID}, orchestrator, noop, publish, log)
	router, err := bus.NewRouter(queue, bus.RouterConfig{Drain: cfg.Drain})
	if err != nil {
		return err
	}
	bus.Handle(router, bus.Tasks, bus.Options{Concurrency: cfg.Concurrency, Timeout: time.Minute},
		func(ctx context.Context, _ bus.Delivery, task *busv1.Task) error { return performer.Perform(ctx, task) })

	if err := register(ctx, cfg.ID, orchestrator); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return router.Run(ctx) })
	g.Go(func() error { performer.Heartbeats(ctx); return nil })
	g.Go(func() error { return stayKnown(ctx, cfg.ID, orchestrator) })
	g.Go(func() error { return boot.Serve(ctx, log, cfg.OpsAddr, boot.Ops(queue.Healthy)) })
	return g.Wait()
}

func noop(_ context.Context, r toolbox.Request) toolbox.Answer {
	report := toolmeta.Report{Confidence: 1, Basis: "nothing was done", Method: "noop/v1"}
	if r.Tool == doubtful {
		report.Confidence = 0.01
	}
	return toolbox.Answer{Output: json.RawMessage(`{"ok":true}`), Version: version, Tries: 1, Report: report}
}

func register(ctx context.Context, id string, orchestrator internalv1connect.WorkerServiceClient) error {
	req := &internalv1.RegisterToolsRequest{WorkerId: id}
	for _, name := range []string{"noop", "doubt"} {
		digest, canonical, err := toolmeta.Descriptor("inproc", name, "Does nothing.", map[string]any{"type": "object"}, nil, nil)
		if err != nil {
			return err
		}
		req.Tools = append(req.Tools, &internalv1.ToolDescriptor{Tool: "inproc." + name, Version: version, Digest: digest, DescriptorJson: canonical, ReadOnly: true})
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := orchestrator.RegisterTools(ctx, req)
	return err
}

func stayKnown(ctx context.Context, id string, orchestrator internalv1connect.WorkerServiceClient) error {
	ticker := time.NewTicker(signOfLife)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := register(ctx, id, orchestrator); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}
