// Command demo runs the whole of Chimera on this machine as separate processes on loopback, and its main job
// against it. Run it by make: demo, smoke, token, up, down.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"chimera/infra/local/demo/internal/folder"
)

const usage = `usage: demo COMMAND
  up                start everything and stay until Ctrl-C (DEMO_ORCHESTRATORS=2: two replicas; DEMO_PLATFORM=0: no Platform)
  start             the same in the background; returns when all of it is ready
  down              stop a demo that runs, and wait until it has ended
  smoke             the main job through the public API; PLATFORM=sandbox (default) or pds
  token USERNAME    print an access token of a demo user
  clean             delete the demo's data: secrets, database, posts
  run NAME          one more orchestrator or worker, or the Platform's development server, beside a demo that runs
STACK=compose: the same as containers, where start, down, smoke, token and clean are known`

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // under nohup it stays ignored
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		stop()
		<-signals
		// The children get a signal of their own when this process is gone.
		os.Exit(130)
	}()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	root, err := repository()
	if err != nil {
		return err
	}
	switch stack := os.Getenv("STACK"); stack {
	case "", "local":
	case "compose":
		return inContainers(ctx, root, args)
	default:
		return fmt.Errorf("STACK=%s: want local (the default) or compose", stack)
	}
	dir := os.Getenv("CHIMERA_DEMO_DIR")
	if dir == "" {
		dir = filepath.Join(root, ".demo")
	}
	f, err := folder.Open(dir)
	if err != nil {
		return err
	}
	verb, operand := "", ""
	if len(args) > 0 {
		verb = args[0]
	}
	if len(args) > 1 {
		operand = args[1]
	}
	switch {
	case verb == "up" && (len(args) == 1 || operand == noSummary):
		return up(ctx, f, root, operand == "")
	case verb == "start" && len(args) == 1:
		return start(ctx, f)
	case verb == "down" && len(args) == 1:
		return down(ctx, f)
	case verb == "smoke" && len(args) == 1:
		return runSmoke(ctx, f, root, os.Getenv("PLATFORM"))
	case verb == "token" && len(args) == 2:
		return token(ctx, f, operand)
	case verb == "clean" && len(args) == 1:
		return clean(f)
	case verb == "run" && operand == "platform" && len(args) == 2:
		return runPlatform(ctx, f, root)
	case verb == "run" && len(args) == 2:
		return runReplica(f, root, operand)
	}
	return errors.New(usage)
}

// repository is the nearest folder at or above the working folder that holds our go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "infra/local/demo/main.go")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("start the demo inside Chimera's repository: it builds what it runs")
		}
	}
}

// say prints a line of progress with the time of day.
func say(line string) { fmt.Println(time.Now().Format("15:04:05"), line) }
