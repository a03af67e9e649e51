package partstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"chimera/infra/local/parts"
)

const (
	containerWait  = 2 * time.Minute  // from created to answering, on a busy machine
	containerGrace = 20 * time.Second // from being told to stop to gone
)

// contained is a part in a container: how to create it, and how to tell that it answers.
type contained struct {
	name, url, dir string
	ports          map[string]int // the container's "5432/tcp" to 127.0.0.1's
	create         func(ctx context.Context, options ...testcontainers.ContainerCustomizer) (testcontainers.Container, error)
	ready          func(ctx context.Context) error
}

// start makes a server of it. The container is created at the first start and kept until discard, so that a part that
// was killed finds its data again.
func (p contained) start(ctx context.Context) (*parts.Server, error) {
	var made testcontainers.Container
	server := parts.Managed(p.name, p.url, p.dir, func(ctx context.Context) (parts.Run, error) {
		ctx, cancel := context.WithTimeout(ctx, containerWait)
		defer cancel()
		if made == nil {
			c, err := p.create(ctx, testcontainers.WithLabels(map[string]string{rootLabel: state.root}), testcontainers.WithHostConfigModifier(p.publish))
			if err != nil {
				// A container that could not be started exists all the same.
				return nil, errors.Join(err, testcontainers.TerminateContainer(c))
			}
			made = c
			keep(p.dir, c)
		} else if err := made.Start(ctx); err != nil {
			return nil, err
		}
		run, err := watch(ctx, made)
		if err != nil {
			return nil, err
		}
		return run, p.await(ctx, run)
	})
	return server, server.Start(ctx)
}

// publish binds fixed ports: a container that is started again would get others.
func (p contained) publish(host *container.HostConfig) {
	host.PortBindings = network.PortMap{}
	for inside, outside := range p.ports {
		host.PortBindings[network.MustParsePort(inside)] = []network.PortBinding{{HostIP: netip.MustParseAddr("127.0.0.1"), HostPort: strconv.Itoa(outside)}}
	}
	host.Memory = 1 << 30
}

func (p contained) await(ctx context.Context, run *containerRun) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		once, stop := context.WithTimeout(ctx, 2*time.Second)
		err := p.ready(once)
		stop()
		if err == nil {
			return nil
		}
		select {
		case <-run.Done():
			return fmt.Errorf("its container ended at once:\n%s", run.log())
		case <-ctx.Done():
			err := fmt.Errorf("not ready in time (%w):\n%s", err, run.log())
			return errors.Join(err, run.Kill())
		case <-tick.C:
		}
	}
}

// containerRun is one start of a container; it implements parts.Run.
type containerRun struct {
	container testcontainers.Container
	pid       int
	done      chan struct{}
}

func watch(ctx context.Context, c testcontainers.Container) (*containerRun, error) {
	docker, err := engine()
	if err != nil {
		return nil, err
	}
	state, err := c.State(ctx)
	if err != nil {
		return nil, err
	}
	r := &containerRun{container: c, pid: state.Pid, done: make(chan struct{})}
	// It ends with the container, at the latest when that is removed.
	waiting := docker.ContainerWait(context.WithoutCancel(ctx), c.GetContainerID(), client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	go func() {
		defer close(r.done)
		select {
		case <-waiting.Result:
		case <-waiting.Error:
		}
	}()
	return r, nil
}

func (r *containerRun) PID() int              { return r.pid }
func (r *containerRun) Done() <-chan struct{} { return r.done }

func (r *containerRun) Stop(ctx context.Context) error {
	grace := containerGrace
	return r.gone(r.container.Stop(ctx, &grace))
}

// Kill is a crash: SIGKILL, nothing is written any more.
func (r *containerRun) Kill() error {
	docker, err := engine()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), containerGrace)
	defer cancel()
	_, err = docker.ContainerKill(ctx, r.container.GetContainerID(), client.ContainerKillOptions{Signal: "KILL"})
	return r.gone(err)
}

// gone waits for the end. That the container had ended by itself before is no error.
func (r *containerRun) gone(err error) error {
	wait := containerGrace
	if err != nil {
		wait = time.Second
	}
	select {
	case <-r.done:
		return nil
	case <-time.After(wait):
		return errors.Join(err, errors.New("the container still runs"))
	}
}

func (r *containerRun) log() string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stream, err := r.container.Logs(ctx)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = stream.Close() }()
	text, _ := io.ReadAll(io.LimitReader(stream, 1<<20))
	return string(text[max(0, len(text)-2000):])
}

// keep remembers a container until discard removes it.
func keep(dir string, c testcontainers.Container) {
	state.Lock()
	defer state.Unlock()
	if state.containers == nil {
		state.containers = map[string]testcontainers.Container{}
	}
	state.containers[dir] = c
}

// discard removes the container of the part in dir, if it has one.
func discard(dir string) error {
	state.Lock()
	c := state.containers[dir]
	delete(state.containers, dir)
	state.Unlock()
	if c == nil {
		return nil
	}
	return testcontainers.TerminateContainer(c)
}
