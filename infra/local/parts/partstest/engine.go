package partstest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"

	"chimera/infra/local/parts"
)

// rootLabel names the folder of the run that a container belongs to.
const rootLabel = "chimera.test.root"

// engine is the Docker engine, asked once per test binary.
var engine = sync.OnceValues(func() (*testcontainers.DockerClient, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("no Docker engine: %w", err)
	}
	if _, err := docker.Ping(ctx, client.PingOptions{}); err != nil {
		return nil, fmt.Errorf("no Docker engine: %w", err)
	}
	return docker, nil
})

// configureContainers sets what testcontainers reads once. Its reaper is not needed: what a killed run leaves is
// removed by the next one. On a machine that itself looks like a container it would seek ports on the gateway.
func configureContainers() {
	tclog.SetDefault(tclog.NewNoopLogger())
	setDefault("TESTCONTAINERS_RYUK_DISABLED", "true")
	if host := os.Getenv("DOCKER_HOST"); host == "" || strings.HasPrefix(host, "unix:") {
		setDefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
	}
}

func setDefault(name, value string) {
	if _, set := os.LookupEnv(name); !set {
		_ = os.Setenv(name, value)
	}
}

// preferContainer starts a part in a container where CHIMERA_TEST_CONTAINERS=1 demands it, as a child process where
// 0 does. Unset, it is a container if an engine answers and has or gets the image, else a child process.
func preferContainer[S any](ctx context.Context, o parts.Options, inContainer, here func(context.Context, parts.Options) (S, error)) (S, error) {
	demanded := os.Getenv("CHIMERA_TEST_CONTAINERS")
	if demanded == "0" {
		return here(ctx, o)
	}
	if _, err := engine(); err != nil && demanded != "1" {
		return here(ctx, o)
	}
	server, err := inContainer(ctx, o)
	if err == nil || demanded == "1" || ctx.Err() != nil {
		return server, err
	}
	if o.Say != nil {
		o.Say(fmt.Sprintf("no container (%v): starting it here", err))
	}
	return here(ctx, o)
}

// sweepContainers removes the containers of runs whose folder is gone: those that were killed.
func sweepContainers() {
	if os.Getenv("CHIMERA_TEST_CONTAINERS") == "0" {
		return
	}
	docker, err := engine()
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	list, err := docker.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: client.Filters{}.Add("label", rootLabel)})
	if err != nil {
		return
	}
	for _, c := range list.Items {
		if _, err := os.Stat(c.Labels[rootLabel]); os.IsNotExist(err) {
			_, _ = docker.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		}
	}
}
