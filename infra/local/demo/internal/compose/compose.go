// Package compose runs the demo as containers: it makes the secrets that compose.yaml mounts, and drives
// `docker compose`. Where everything is, it reads from compose.yaml, so that the addresses stand in one place.
package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/system"
)

// readyWait is how long the containers may take from created to healthy; building comes before.
const readyWait = 3 * time.Minute

// Stack is the demo in containers. The secrets are in Folder.
type Stack struct {
	Folder folder.Folder
	Root   string // the repository
}

// Up generates the secrets that are not there, builds the images, and returns when every container is healthy.
func (s Stack) Up(ctx context.Context) (folder.State, error) {
	state, places, err := s.layout(ctx)
	if err != nil {
		return state, err
	}
	if err := system.ContainerSecrets(s.Folder, places); err != nil {
		return state, err
	}
	if err := s.docker(ctx, "build"); err != nil {
		return state, err
	}
	return state, s.docker(ctx, "up", "--detach", "--wait", "--wait-timeout", strconv.Itoa(int(readyWait.Seconds())))
}

// State is where the stack is; running tells whether its orchestrator runs.
func (s Stack) State(ctx context.Context) (state folder.State, running bool, err error) {
	if state, _, err = s.layout(ctx); err != nil {
		return state, false, err
	}
	out, err := s.ask(ctx, "ps", "--quiet", "--status", "running", "orchestrator")
	return state, len(bytes.TrimSpace(out)) > 0, err
}

// Down removes the containers and networks; with data the volumes too.
func (s Stack) Down(ctx context.Context, data bool) error {
	if data {
		return s.docker(ctx, "--profile", "*", "down", "--volumes", "--remove-orphans")
	}
	return s.docker(ctx, "--profile", "*", "down", "--remove-orphans")
}

// layout asks docker compose what compose.yaml says, with all variables filled in.
func (s Stack) layout(ctx context.Context) (folder.State, system.Places, error) {
	out, err := s.ask(ctx, "config", "--format", "json")
	if err != nil {
		return folder.State{}, system.Places{}, err
	}
	var doc document
	if err := json.Unmarshal(out, &doc); err != nil {
		return folder.State{}, system.Places{}, fmt.Errorf("docker compose config: %w", err)
	}
	state := folder.State{
		Platform: doc.published("platform", 3000),
		API:      doc.published("orchestrator", 7700), Ops: doc.published("orchestrator", 7702),
		Issuer: doc.Services["orchestrator"].Environment["CHIMERA_OIDC_ISSUER"], ClientID: system.CLIClient,
	}
	// The sandbox names itself in its posts' addresses, so it has one name and port inside and outside.
	listens := doc.Services["publisher"].Environment["CHIMERA_ALLOW_HOST_PORTS"]
	sandbox, err := url.Parse("http://" + listens)
	if err != nil || sandbox.Port() == "" || state.API == "" || state.Ops == "" || state.Issuer == "" || state.Platform == "" {
		return state, system.Places{}, errors.New("compose.yaml: the orchestrator's or the Platform's ports, the issuer or the publisher's CHIMERA_ALLOW_HOST_PORTS are missing")
	}
	state.Sandbox = sandbox.String()
	return state, system.Places{Sandbox: state.Sandbox, Listen: "0.0.0.0:" + sandbox.Port(), Platform: state.Platform}, nil
}

type document struct {
	Services map[string]struct {
		Environment map[string]string
		Ports       []struct {
			HostIP    string `json:"host_ip"`
			Target    int    `json:"target"`
			Published string `json:"published"`
		}
	}
}

func (d document) published(service string, target int) string {
	for _, p := range d.Services[service].Ports {
		if p.Target == target {
			return "http://" + p.HostIP + ":" + p.Published
		}
	}
	return ""
}

func (s Stack) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "docker", append([]string{"compose", "--profile", "app", "--progress", "plain"}, args...)...)
	cmd.Dir = s.Root
	cmd.Env = append(os.Environ(), "CHIMERA_DEMO_DIR="+s.Folder.Dir)
	// docker compose takes its containers along when it is asked to end, not when it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// docker shows a person what docker compose says.
func (s Stack) docker(ctx context.Context, args ...string) error {
	cmd := s.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("docker compose %s: %w (a Docker engine with the compose and buildx plugins is needed; logs: docker compose logs)", strings.Join(args, " "), err)
	}
	return nil
}

func (s Stack) ask(ctx context.Context, args ...string) ([]byte, error) {
	cmd := s.command(ctx, args...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("docker compose %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(problems.Bytes()))
	}
	return out, nil
}
