package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"chimera/infra/local/demo/internal/compose"
	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/smoke"
	"chimera/infra/local/demo/internal/system"
)

const containersUsage = `usage with STACK=compose: demo start | down | smoke | token USERNAME | clean`

// inContainers runs a command for the demo that is made of containers, STACK=compose.
func inContainers(ctx context.Context, root string, args []string) error {
	dir := os.Getenv("CHIMERA_DEMO_DIR")
	if dir == "" {
		dir = filepath.Join(root, ".compose")
	}
	f, err := folder.Open(dir)
	if err != nil {
		return err
	}
	compose.ResolveLocalhost()
	stack := compose.Stack{Folder: f, Root: root}
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch {
	case verb == "start" && len(args) == 1:
		return startContainers(ctx, stack)
	case verb == "down" && len(args) == 1:
		return stack.Down(ctx, false)
	case verb == "smoke" && len(args) == 1:
		return smokeContainers(ctx, stack)
	case verb == "token" && len(args) == 2:
		state, running, err := stack.State(ctx)
		if err == nil && !running {
			err = errors.New("the containers do not run: start them with: make up STACK=compose")
		}
		if err != nil {
			return err
		}
		return printToken(ctx, f, state, args[1])
	case verb == "clean" && len(args) == 1:
		if err := stack.Down(ctx, true); err != nil {
			return err
		}
		return os.RemoveAll(f.Dir)
	}
	return errors.New(containersUsage)
}

func startContainers(ctx context.Context, stack compose.Stack) error {
	begin := time.Now()
	state, err := stack.Up(ctx)
	if err != nil {
		return err
	}
	say(fmt.Sprintf("every container is healthy after %.1f s", time.Since(begin).Seconds()))
	return summarise(stack.Folder, state)
}

// smokeContainers does the main job against the containers that run, or against some that it starts and removes again.
// Then it looks who reaches whom, and starts Prometheus beside them.
func smokeContainers(ctx context.Context, stack compose.Stack) (err error) {
	if platform := os.Getenv("PLATFORM"); platform != "" && platform != "sandbox" {
		return fmt.Errorf("PLATFORM=%s: with STACK=compose only the sandbox", platform)
	}
	state, running, err := stack.State(ctx)
	if err != nil {
		return err
	}
	if !running {
		say("no containers run: starting them for this smoke test")
		defer func() { err = errors.Join(err, stack.Down(context.WithoutCancel(ctx), false)) }()
		if state, err = stack.Up(ctx); err != nil {
			return err
		}
	}
	secrets, err := stack.Folder.Secrets()
	if err != nil {
		return err
	}
	err = smoke.Run(ctx, smoke.Config{
		State: state, Tenant: system.TenantID(system.MainTenant), Say: say, Target: smoke.Sandbox(system.CampaignName),
		Password: func(username string) string { return secrets.Get(system.PasswordName(username)) },
	})
	if err != nil {
		return err
	}
	if err := stack.Isolation(ctx); err != nil {
		return err
	}
	say("isolation: tried from inside, each container reaches whom it must and nobody else")
	all := os.Getenv("OBSERVABILITY") == "all"
	if err := stack.Observe(ctx, all); err != nil {
		return err
	}
	say("prometheus scrapes every process, holds the alert rules and understands every panel")
	if !all {
		say("grafana and otel-collector were NOT started: OBSERVABILITY=all does, where their images can be had")
	}
	return nil
}
