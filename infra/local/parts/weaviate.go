package parts

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"chimera/infra/local/proc"
)

// WeaviateOptions choose how Weaviate runs; Options.Port is the REST port.
type WeaviateOptions struct{ Options }

// WeaviateServer is a running Weaviate; URL is its REST address.
type WeaviateServer struct {
	*Server
	GRPC   string // host:port
	APIKey string // of its only user, who may do everything
}

// Weaviate starts a Weaviate server without vendor modules, with anonymous access off. There is no package
// to fetch it from in seconds, so ErrAbsent if no weaviate-server is at CHIMERA_WEAVIATE_BIN, on PATH or
// in Go's bin folder. Hazard: only REST is bound to loopback; the server offers no such setting for gRPC
// and its cluster ports, so on a machine without a firewall those are reachable from outside.
func Weaviate(ctx context.Context, o WeaviateOptions) (*WeaviateServer, error) {
	bin, err := findWeaviate(ctx)
	if err != nil {
		return nil, fmt.Errorf("weaviate: %w", err)
	}
	dir, err := makeDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("weaviate: %w", err)
	}
	key, err := secretFile(dir, "api-key")
	if err != nil {
		return nil, fmt.Errorf("weaviate: %w", err)
	}
	rest, err := choosePort(dir, "port", o.Port)
	if err != nil {
		return nil, fmt.Errorf("weaviate: %w", err)
	}
	used := []int{rest}
	ports := map[string]string{}
	for _, name := range []string{"GRPC_PORT", "CLUSTER_GOSSIP_BIND_PORT", "CLUSTER_DATA_BIND_PORT", "RAFT_PORT", "RAFT_INTERNAL_RPC_PORT"} {
		port, err := choosePort(dir, "port."+name, 0, used...)
		if err != nil {
			return nil, fmt.Errorf("weaviate: %w", err)
		}
		used, ports[name] = append(used, port), strconv.Itoa(port)
	}
	s := &Server{Name: "weaviate", URL: "http://" + address(rest), Dir: dir, Log: filepath.Join(dir, "weaviate.log")}
	s.launch = func(ctx context.Context) (Run, error) {
		return startAndWait(ctx, proc.Command{
			Path: bin, Args: []string{"--scheme", "http", "--host", "127.0.0.1", "--port", strconv.Itoa(rest)},
			Env: weaviateEnv(filepath.Join(dir, "data"), key, ports), Dir: dir, Log: s.Log, StopSignal: syscall.SIGTERM,
		}, answers200(s.URL+"/v1/.well-known/ready"))
	}
	return &WeaviateServer{s, "127.0.0.1:" + ports["GRPC_PORT"], key}, s.Start(ctx)
}

// weaviateEnv leaves CLUSTER_IN_LOCALHOST unset: with it the server guesses its neighbours' ports as the
// next numbers, and on ports of our choosing it never elects itself.
func weaviateEnv(data, key string, ports map[string]string) []string {
	env := []string{
		"PERSISTENCE_DATA_PATH=" + data, "DEFAULT_VECTORIZER_MODULE=none", "API_BASED_MODULES_DISABLED=true",
		"CLUSTER_HOSTNAME=node1", "CLUSTER_BIND_ADDR=127.0.0.1", "CLUSTER_ADVERTISE_ADDR=127.0.0.1",
		"RAFT_BOOTSTRAP_EXPECT=1", "RAFT_JOIN=node1",
		"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=false", "AUTHENTICATION_APIKEY_ENABLED=true",
		"AUTHENTICATION_APIKEY_ALLOWED_KEYS=" + key, "AUTHENTICATION_APIKEY_USERS=chimera",
		"AUTHORIZATION_ADMINLIST_ENABLED=true", "AUTHORIZATION_ADMINLIST_USERS=chimera",
		"AUTOSCHEMA_ENABLED=false", "DISABLE_TELEMETRY=true", "GO_PROFILING_DISABLE=true", "LOG_LEVEL=warning",
	}
	for name, port := range ports {
		env = append(env, name+"="+port)
	}
	return env
}

func findWeaviate(ctx context.Context) (string, error) {
	if path := os.Getenv("CHIMERA_WEAVIATE_BIN"); path != "" {
		if _, err := exec.LookPath(path); err != nil {
			return "", fmt.Errorf("%w: CHIMERA_WEAVIATE_BIN: %w", ErrAbsent, err)
		}
		return path, nil
	}
	if path, err := exec.LookPath("weaviate-server"); err == nil {
		return path, nil
	}
	if out, err := exec.CommandContext(ctx, "go", "env", "GOPATH").Output(); err == nil {
		path := filepath.Join(strings.TrimSpace(string(out)), "bin", "weaviate-server")
		if _, err := exec.LookPath(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: no weaviate-server on PATH, in Go's bin folder or at CHIMERA_WEAVIATE_BIN; "+
		"build it once (8 CPU-minutes): go install github.com/weaviate/weaviate/cmd/weaviate-server@v1.35.2", ErrAbsent)
}
