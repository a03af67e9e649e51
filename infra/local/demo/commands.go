package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/system"
	"chimera/infra/local/internal/install"
	"chimera/infra/local/login"
)

const (
	// readyWait covers a first start that compiles and fetches everything.
	readyWait = 15 * time.Minute
	downWait  = 40 * time.Second
	noSummary = "--no-summary"
)

// up stays until ctx ends. summary is off where the output is a log: it shows passwords.
func up(ctx context.Context, f folder.Folder, root string, summary bool) error {
	begin := time.Now()
	withPlatform, err := system.PlatformFromEnv(true)
	if err != nil {
		return err
	}
	demo, err := launch(ctx, f, root, withPlatform)
	if err != nil {
		return err
	}
	say(fmt.Sprintf("ready after %.1f s", time.Since(begin).Seconds()))
	if summary {
		if err := summarise(f, demo.State); err != nil {
			say(err.Error())
		}
	}
	<-ctx.Done()
	return halt(demo)
}

func summarise(f folder.Folder, s folder.State) error {
	secrets, err := f.Secrets()
	if err == nil {
		fmt.Println(system.Summary(f, s, secrets))
	}
	return err
}

func launch(ctx context.Context, f folder.Folder, root string, withPlatform bool) (*system.Demo, error) {
	orchestrators, err := system.OrchestratorsFromEnv()
	if err != nil {
		return nil, err
	}
	return system.Start(ctx, system.Options{Folder: f, Root: root, Say: say, Orchestrators: orchestrators, Platform: withPlatform})
}

func halt(demo *system.Demo) error {
	begin := time.Now()
	say("stopping everything")
	if err := demo.Stop(context.Background()); err != nil {
		return fmt.Errorf("all is stopped, but not all of it gracefully: %w", err)
	}
	say(fmt.Sprintf("all is stopped (%.1f s)", time.Since(begin).Seconds()))
	return nil
}

// start leaves a demo running on its own, in a session that no terminal's Ctrl-C reaches.
func start(ctx context.Context, f folder.Folder) error {
	if pid := f.Running(); pid != 0 {
		return &folder.RunningError{PID: pid}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	path := f.Path("logs", "demo.log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(self, "up", noSummary)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	say("starting in the background; progress: " + path)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		var s folder.State
		if s = f.Announced(); s.PID == cmd.Process.Pid {
			say("the demo runs in the background (pid " + strconv.Itoa(s.PID) + ")")
			return summarise(f, s)
		}
		select {
		case err := <-ended:
			return fmt.Errorf("it did not start: %w\n%s", err, install.Tail(path, 4000))
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGTERM)
			return errors.Join(ctx.Err(), <-ended)
		case <-tick.C:
		}
	}
}

func down(ctx context.Context, f folder.Folder) error {
	pid := f.Running()
	if pid == 0 {
		say("no demo runs in " + f.Dir)
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the demo (pid %d): %w", pid, err)
	}
	ctx, cancel := context.WithTimeout(ctx, downWait)
	defer cancel()
	for f.Running() != 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the demo (pid %d) has not stopped: %w", pid, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	say(fmt.Sprintf("the demo (pid %d) has stopped", pid))
	return nil
}

// clean deletes the folder while it holds its lock, so that no demo starts in the middle.
func clean(f folder.Folder) error {
	release, err := f.Lock()
	if err != nil {
		return err
	}
	defer release()
	if err := system.Delete(f); err != nil {
		return fmt.Errorf("delete the demo's data: %w", err)
	}
	say("deleted " + f.Dir)
	return nil
}

// token prints nothing but the token, so that a shell can take it.
func token(ctx context.Context, f folder.Folder, username string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	state, err := f.AwaitReady(ctx)
	if err != nil {
		return err
	}
	return printToken(ctx, f, state, username)
}

func printToken(ctx context.Context, f folder.Folder, state folder.State, username string) error {
	secrets, err := f.Secrets()
	if err != nil {
		return err
	}
	password := secrets.Get(system.PasswordName(username))
	if password == "" {
		return fmt.Errorf("there is no demo user %q; there are: %s", username, system.Usernames())
	}
	text, _, err := login.Password(ctx, state.Issuer, state.ClientID, username, password)
	if err != nil {
		return err
	}
	fmt.Println(text)
	return nil
}
