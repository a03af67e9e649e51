package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/smoke"
	"chimera/infra/local/demo/internal/system"
	"chimera/infra/local/parts"
)

// runSmoke does the main job against the demo that runs, or against one that it starts and stops again.
func runSmoke(ctx context.Context, f folder.Folder, root, platform string) (err error) {
	var state folder.State
	if f.Running() == 0 {
		say("no demo runs: starting one for this smoke test")
		withPlatform, err := system.PlatformFromEnv(false)
		if err != nil {
			return err
		}
		demo, err := launch(ctx, f, root, withPlatform)
		if err != nil {
			return err
		}
		state = demo.State
		defer func() {
			if problem := halt(demo); problem != nil {
				say(problem.Error())
			}
		}()
	} else {
		waiting, cancel := context.WithTimeout(ctx, readyWait)
		defer cancel()
		if state, err = f.AwaitReady(waiting); err != nil {
			return err
		}
	}
	secrets, err := f.Secrets()
	if err != nil {
		return err
	}
	target := smoke.Sandbox(system.CampaignName)
	switch platform {
	case "", "sandbox":
	case "pds":
		server, account, err := startPDS(ctx, f, secrets, state)
		if err != nil {
			return err
		}
		defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()
		parameters, err := json.Marshal(system.Parameters(state.Sandbox))
		if err != nil {
			return err
		}
		target = smoke.PDS(account, system.AgentName, system.Playbook, parameters)
	default:
		return fmt.Errorf("PLATFORM=%s: want sandbox or pds", platform)
	}
	err = smoke.Run(ctx, smoke.Config{
		State: state, Tenant: system.TenantID(system.MainTenant), Say: say, Target: target,
		Password: func(username string) string { return secrets.Get(system.PasswordName(username)) },
	})
	if err != nil {
		return fmt.Errorf("FAIL: %w", err)
	}
	return nil
}

// startPDS starts the real AT Protocol server on the port that the skills may reach, with the demo's account on it.
func startPDS(ctx context.Context, f folder.Folder, secrets *folder.Secrets, state folder.State) (*parts.PDSServer, smoke.PDSAccount, error) {
	const passwordName = "account.pds"
	var account smoke.PDSAccount
	if err := secrets.Make(passwordName); err != nil {
		return nil, account, err
	}
	server, err := parts.PDS(ctx, parts.PDSOptions{Options: parts.Options{Dir: f.Path("pds"), Port: state.PDSPort, Say: func(line string) { say("pds: " + line) }}})
	if err != nil {
		return nil, account, err
	}
	account = smoke.PDSAccount{URL: server.URL, Handle: "aurora.test", Password: secrets.Get(passwordName)}
	_, err = server.CreateAccount(ctx, account.Handle, "aurora@chimera.example", account.Password)
	if err != nil && !strings.Contains(err.Error(), "already") && !strings.Contains(err.Error(), "taken") {
		return nil, account, errors.Join(err, server.Stop(context.WithoutCancel(ctx)))
	}
	say("a real PDS answers at " + server.URL + ", account " + account.Handle)
	return server, account, nil
}
