package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// probeImage is one that the stack has anyway, with a shell and nc.
const probeImage = "redis:7-alpine"

// probeWait bounds the probes of one container. A dropped packet is waited for 2 s, by all probes at once.
const probeWait = time.Minute

// place is a service's port.
type place struct {
	service string
	port    int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.service, p.port) }

var (
	postgres = place{"postgres", 5432}
	redis    = place{"redis", 6379}
	weaviate = place{"weaviate", 8080}
	innerAPI = place{"orchestrator", 7701}
	mcp      = place{"publisher", 7800}
)

// reach is whom a service meets, tried from inside its own network. One that it meets is the control: the probe works.
type reach struct {
	service string
	yes, no []place
	wayOut  bool // whether any of its networks leads further than its members
}

// reaches are R6.3 and R6.4 as a wire sees them.
var reaches = []reach{
	{"orchestrator", []place{postgres, redis, weaviate}, nil, true},
	{"worker", []place{redis, innerAPI, mcp}, []place{postgres, weaviate}, false},
	{"trends", []place{innerAPI}, []place{postgres, redis, weaviate}, true},
	{"copywriter", []place{innerAPI}, []place{postgres, redis, weaviate}, true},
	{"publisher", []place{innerAPI}, []place{postgres, redis, weaviate}, true},
	{"analytics", []place{innerAPI}, []place{postgres, redis, weaviate}, true},
	{"platform", []place{{"orchestrator", 7700}}, []place{postgres, redis, weaviate, mcp}, true},
}

// Isolation tries, from inside the network of each running service, whom it reaches, by address and not by name: a name
// that does not resolve would prove little. It fails with everything that is not as it must be.
func (s Stack) Isolation(ctx context.Context) error {
	addresses := map[string][]string{}
	for _, p := range []string{"postgres", "redis", "weaviate", "orchestrator", "publisher"} {
		id, err := s.container(ctx, p)
		if err != nil {
			return err
		}
		if addresses[p], err = addressesOf(ctx, id); err != nil {
			return err
		}
	}
	var wrong []string
	for _, r := range reaches {
		id, err := s.container(ctx, r.service)
		if err != nil {
			return err
		}
		met, err := r.probe(ctx, id, addresses)
		if err != nil {
			return err
		}
		leaves, err := leavesBy(ctx, id)
		if err != nil {
			return err
		}
		wrong = append(wrong, r.judge(met, leaves)...)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the containers' networks are not apart: %s", strings.Join(wrong, "; "))
	}
	return nil
}

// probe lists the places of r that answer in the network of the container with that id.
func (r reach) probe(ctx context.Context, id string, addresses map[string][]string) (met []string, err error) {
	var script strings.Builder
	for _, p := range slices.Concat(r.yes, r.no) {
		for _, address := range addresses[p.service] {
			fmt.Fprintf(&script, "if nc -w 2 %s %d </dev/null >/dev/null 2>&1; then echo %s; fi &\n", address, p.port, p)
		}
	}
	script.WriteString("wait\n")
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	out, err := docker(ctx, "run", "--rm", "--network", "container:"+id, "--entrypoint", "sh", probeImage, "-c", script.String())
	if err != nil {
		return nil, err
	}
	return strings.Fields(out), nil
}

// judge says what does not hold of those that r met, and of the networks that lead out.
func (r reach) judge(met, leaves []string) (wrong []string) {
	for _, p := range r.yes {
		if !slices.Contains(met, p.String()) {
			wrong = append(wrong, fmt.Sprintf("%s does not reach %s", r.service, p))
		}
	}
	for _, p := range r.no {
		if slices.Contains(met, p.String()) {
			wrong = append(wrong, fmt.Sprintf("%s reaches %s", r.service, p))
		}
	}
	if len(leaves) > 0 && !r.wayOut {
		wrong = append(wrong, r.service+" may leave by "+strings.Join(leaves, ", "))
	}
	return wrong
}

func (s Stack) container(ctx context.Context, service string) (string, error) {
	out, err := s.ask(ctx, "ps", "--quiet", "--status", "running", service)
	id := strings.TrimSpace(string(out))
	if err == nil && id == "" {
		err = fmt.Errorf("no container of %s runs", service)
	}
	return id, err
}

// network is how a container hangs on one.
type network struct{ NetworkID, IPAddress string }

func networksOf(ctx context.Context, id string) (map[string]network, error) {
	out, err := docker(ctx, "inspect", "--format", "{{json .NetworkSettings.Networks}}", id)
	if err != nil {
		return nil, err
	}
	var networks map[string]network
	if err := json.Unmarshal([]byte(out), &networks); err != nil {
		return nil, fmt.Errorf("docker inspect: %w", err)
	}
	if len(networks) == 0 {
		return nil, fmt.Errorf("container %.12s has no network", id)
	}
	return networks, nil
}

func addressesOf(ctx context.Context, id string) (all []string, err error) {
	networks, err := networksOf(ctx, id)
	for _, n := range networks {
		all = append(all, n.IPAddress)
	}
	return all, err
}

// leavesBy names the networks of a container that the engine does not hold inside.
func leavesBy(ctx context.Context, id string) (names []string, err error) {
	networks, err := networksOf(ctx, id)
	if err != nil {
		return nil, err
	}
	for name, n := range networks {
		internal, err := docker(ctx, "network", "inspect", "--format", "{{.Internal}}", n.NetworkID)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(internal) != "true" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func docker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("docker %s: %w: %s", args[0], err, bytes.TrimSpace(problems.Bytes()))
	}
	return string(out), nil
}
