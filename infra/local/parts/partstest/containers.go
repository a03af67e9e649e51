package partstest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/moby/moby/api/types/container"
	goredis "github.com/redis/go-redis/v9"
	"github.com/testcontainers/testcontainers-go"
	tcpostgres "github.com/testcontainers/testcontainers-go/modules/postgres"
	tcredis "github.com/testcontainers/testcontainers-go/modules/redis"
	"github.com/testcontainers/testcontainers-go/wait"

	"chimera/infra/local/parts"
)

// Images are those of compose.yaml: what the tests pass on is what runs.
const (
	postgresImage = "postgres:17-alpine"
	redisImage    = "redis:7-alpine"
	weaviateImage = "cr.weaviate.io/semitechnologies/weaviate:1.35.2"
)

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

func containerPostgres(ctx context.Context, o parts.Options) (*parts.Server, error) {
	port, err := parts.ChoosePort(o.Dir, "port")
	if err != nil {
		return nil, err
	}
	password := rand.Text()
	address := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: loopback(port), Path: "/postgres", RawQuery: "sslmode=disable"}
	return contained{
		name: "postgres", url: address.String(), dir: o.Dir, ports: map[string]int{"5432/tcp": port},
		create: func(ctx context.Context, options ...testcontainers.ContainerCustomizer) (testcontainers.Container, error) {
			c, err := tcpostgres.Run(ctx, postgresImage, append(options,
				tcpostgres.WithUsername("postgres"), tcpostgres.WithPassword(password), tcpostgres.WithDatabase("postgres"),
				testcontainers.WithEnv(map[string]string{"POSTGRES_INITDB_ARGS": "--encoding=UTF8 --locale=C --lc-ctype=C.UTF-8"}),
				// Settings as those of the child process; fsync on, because tests kill it.
				testcontainers.WithCmd("postgres", "-c", "fsync=on", "-c", "jit=off", "-c", "max_connections=200", "-c", "timezone=UTC", "-c", "log_timezone=UTC"),
			)...)
			return untyped(c, err)
		},
		ready: func(ctx context.Context) error {
			conn, err := pgx.Connect(ctx, address.String())
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
			return conn.Ping(ctx)
		},
	}.start(ctx)
}

// containerRedis keeps the append-only file in Dir/data, where tests look into it.
func containerRedis(ctx context.Context, o parts.Options) (*parts.Server, error) {
	port, err := parts.ChoosePort(o.Dir, "port")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(o.Dir, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, err
	}
	address := "redis://" + loopback(port) + "/0"
	options, err := goredis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	options.MaxRetries = -1
	return contained{
		name: "redis", url: address, dir: o.Dir, ports: map[string]int{"6379/tcp": port},
		create: func(ctx context.Context, more ...testcontainers.ContainerCustomizer) (testcontainers.Container, error) {
			c, err := tcredis.Run(ctx, redisImage, append(more,
				testcontainers.WithCmd("redis-server", "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"),
				testcontainers.WithHostConfigModifier(func(host *container.HostConfig) { host.Binds = append(host.Binds, data+":/data") }),
				testcontainers.WithConfigModifier(func(c *container.Config) {
					if os.Getuid() != 0 { // then the files are ours to read and delete
						c.User = strconv.Itoa(os.Getuid()) + ":" + strconv.Itoa(os.Getgid())
					}
				}),
				testcontainers.WithWaitStrategyAndDeadline(containerWait, wait.ForLog("Ready to accept connections")),
			)...)
			return untyped(c, err)
		},
		ready: func(ctx context.Context) error {
			client := goredis.NewClient(options)
			defer func() { _ = client.Close() }()
			return client.Ping(ctx).Err()
		},
	}.start(ctx)
}

func containerWeaviate(ctx context.Context, o parts.Options) (*parts.WeaviateServer, error) {
	rest, err := parts.ChoosePort(o.Dir, "port")
	if err != nil {
		return nil, err
	}
	grpc, err := parts.ChoosePort(o.Dir, "port.grpc", rest)
	if err != nil {
		return nil, err
	}
	key, address := rand.Text(), "http://"+loopback(rest)
	server, err := contained{
		name: "weaviate", url: address, dir: o.Dir, ports: map[string]int{"8080/tcp": rest, "50051/tcp": grpc},
		create: func(ctx context.Context, options ...testcontainers.ContainerCustomizer) (testcontainers.Container, error) {
			c, err := testcontainers.Run(ctx, weaviateImage, append(options,
				testcontainers.WithExposedPorts("8080/tcp", "50051/tcp"),
				testcontainers.WithEnv(map[string]string{
					"PERSISTENCE_DATA_PATH": "/var/lib/weaviate", "DEFAULT_VECTORIZER_MODULE": "none", "API_BASED_MODULES_DISABLED": "true",
					"CLUSTER_HOSTNAME": "node1", "RAFT_BOOTSTRAP_EXPECT": "1", "RAFT_JOIN": "node1",
					"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false", "AUTHENTICATION_APIKEY_ENABLED": "true",
					"AUTHENTICATION_APIKEY_ALLOWED_KEYS": key, "AUTHENTICATION_APIKEY_USERS": "chimera",
					"AUTHORIZATION_ADMINLIST_ENABLED": "true", "AUTHORIZATION_ADMINLIST_USERS": "chimera",
					"AUTOSCHEMA_ENABLED": "false", "DISABLE_TELEMETRY": "true", "GO_PROFILING_DISABLE": "true", "LOG_LEVEL": "warning",
				}),
			)...)
			return untyped(c, err)
		},
		ready: func(ctx context.Context) error { return answers(ctx, address+"/v1/.well-known/ready") },
	}.start(ctx)
	return &parts.WeaviateServer{Server: server, GRPC: loopback(grpc), APIKey: key}, err
}

// untyped keeps a nil pointer from becoming an interface that is not nil.
func untyped[P interface {
	*tcpostgres.PostgresContainer | *tcredis.RedisContainer | *testcontainers.DockerContainer
	testcontainers.Container
}](c P, err error) (testcontainers.Container, error) {
	if c == nil {
		return nil, errors.Join(err, errors.New("no container was made"))
	}
	return c, err
}

func answers(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, res.Status)
	}
	return nil
}
