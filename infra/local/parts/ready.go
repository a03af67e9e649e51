package parts

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"chimera/infra/local/internal/install"
	"chimera/infra/local/proc"
)

// readyWait bounds a start; the slowest part imports a large Node program on a busy machine.
const readyWait = time.Minute

// startAndWait starts the child and returns once probe succeeds. If it does not within a minute, or the
// child ends, the child is killed and the error quotes the end of its log.
func startAndWait(ctx context.Context, cmd proc.Command, probe func(context.Context) error) (Run, error) {
	return startWithin(ctx, readyWait, cmd, probe)
}

// startAgain is startAndWait for a child that was seen, once in hundreds of starts on a busy machine, to hang
// before it listens: a third of the time each for three tries.
func startAgain(ctx context.Context, cmd proc.Command, probe func(context.Context) error) (Run, error) {
	var run Run
	var err error
	for range 3 {
		if run, err = startWithin(ctx, readyWait/3, cmd, probe); err == nil || ctx.Err() != nil {
			break
		}
	}
	return run, err
}

func startWithin(ctx context.Context, wait time.Duration, cmd proc.Command, probe func(context.Context) error) (Run, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	child, err := proc.Start(cmd)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		once, stop := context.WithTimeout(ctx, 2*time.Second)
		err := probe(once)
		stop()
		if err == nil {
			return child, nil
		}
		select {
		case <-child.Done():
			return nil, fmt.Errorf("it ended at once (%s); the end of %s:\n%s", ending(child), cmd.Log, install.Tail(cmd.Log, 2000))
		case <-ctx.Done():
			_ = child.Kill()
			return nil, fmt.Errorf("not ready in time (%w); the end of %s:\n%s", err, cmd.Log, install.Tail(cmd.Log, 2000))
		case <-tick.C:
		}
	}
}

// answers200 probes a URL.
func answers200(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		_, _ = io.CopyN(io.Discard, res.Body, 64<<10)
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s", url, res.Status)
		}
		return nil
	}
}

func ending(child *proc.Process) string {
	if err := child.Err(); err != nil {
		return err.Error()
	}
	return "without an error"
}
