package folder

import (
	"context"
	"fmt"
	"os"
	"time"
)

// State is where a running demo is; it holds no secret.
type State struct {
	PID       int    `json:"pid"`
	API       string `json:"api"` // the platform API, http://127.0.0.1:PORT
	Ops       string `json:"ops"` // health and metrics of the first orchestrator
	WorkerOps string `json:"worker_ops"`
	Issuer    string `json:"issuer"`    // OIDC
	ClientID  string `json:"client_id"` // of command-line programs
	Sandbox   string `json:"sandbox"`
	PDSPort   int    `json:"pds_port"` // kept free for the PDS that `smoke` starts
	Platform  string `json:"platform"` // "" if it was not asked for
	// PlatformDev is where the Platform's development server is when somebody starts it; "" with containers.
	PlatformDev string `json:"platform_dev"`
	Logs        string `json:"logs"` // a page that finds log lines by an id; "" with containers
}

const stateFile = "state.json"

// Announce tells the other commands that the demo is ready.
func (f Folder) Announce(s State) error { return f.WriteJSON(stateFile, s) }

// Withdraw takes the announcement back.
func (f Folder) Withdraw() { _ = os.Remove(f.Path(stateFile)) }

// Announced is what the demo that runs, or a killed one, said last; zero if nothing did.
func (f Folder) Announced() State {
	var s State
	_ = f.ReadJSON(stateFile, &s) // half of it is as good as nothing
	return s
}

// AwaitReady waits until the demo that holds the folder is ready. Errors: none runs, it ended, ctx.
func (f Folder) AwaitReady(ctx context.Context) (State, error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		pid := f.Running()
		if pid == 0 {
			return State{}, fmt.Errorf("no demo runs in %s: start it with: make demo", f.Dir)
		}
		// A state of another pid was left by a supervisor that was killed.
		if s := f.Announced(); s.PID == pid {
			return s, nil
		}
		select {
		case <-ctx.Done():
			return State{}, fmt.Errorf("the demo (pid %d) did not become ready: %w", pid, ctx.Err())
		case <-tick.C:
		}
	}
}
