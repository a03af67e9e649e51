// Command noopworker is a worker whose one tool answers inside the process: what a task costs without its tool
// (tests/bench). Claim, lease, heartbeat, result and bus are the worker's own; only the toolbox is replaced.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	"chimera/services/kit/boot"
	"chimera/services/kit/toolmeta"
	"chimera/services/worker"
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
	cfg, err := worker.FromEnv()
	if err != nil {
		return err
	}
	return worker.RunWith(ctx, cfg, log, func(cfg worker.Config, _ *http.Client, orchestrator internalv1connect.WorkerServiceClient) worker.Tools {
		return &tools{id: cfg.ID, orchestrator: orchestrator, log: log}
	})
}

// tools are two that do nothing.
type tools struct {
	id           string
	orchestrator internalv1connect.WorkerServiceClient
	log          *slog.Logger
	known        atomic.Bool
}

func (*tools) Call(_ context.Context, r toolbox.Request) toolbox.Answer {
	report := toolmeta.Report{Confidence: 1, Basis: "nothing was done", Method: "noop/v1"}
	if r.Tool == doubtful {
		report.Confidence = 0.01
	}
	return toolbox.Answer{Output: json.RawMessage(`{"ok":true}`), Version: version, Tries: 1, Report: report}
}

func (s *tools) Ready(context.Context) error {
	if !s.known.Load() {
		return errors.New("the tools are not registered yet")
	}
	return nil
}

func (s *tools) Run(ctx context.Context) error {
	ticker := time.NewTicker(signOfLife)
	defer ticker.Stop()
	for {
		if err := s.register(ctx); err == nil {
			s.known.Store(true)
		} else if ctx.Err() == nil {
			s.log.WarnContext(ctx, "tools not registered; they will be with the next sign of life", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (s *tools) register(ctx context.Context) error {
	req := &internalv1.RegisterToolsRequest{WorkerId: s.id}
	for _, name := range []string{"noop", "doubt"} {
		digest, canonical, err := toolmeta.Descriptor("inproc", name, "Does nothing.", map[string]any{"type": "object"}, nil, nil)
		if err != nil {
			return err
		}
		req.Tools = append(req.Tools, &internalv1.ToolDescriptor{Tool: "inproc." + name, Version: version, Digest: digest, DescriptorJson: canonical, ReadOnly: true})
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := s.orchestrator.RegisterTools(ctx, req)
	return err
}
