package parts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"chimera/infra/local/internal/install"
	"chimera/infra/local/proc"
)

// RedisOptions choose how Redis runs. Eviction is always off: an evicted entry is a lost message.
type RedisOptions struct {
	Options
	Password   string // "" is none
	AppendOnly bool   // keep data over a crash; without it a restart is empty
	Embedded   bool   // skip the real server; Server.Note says what that costs
}

// Redis starts a Redis server: from PATH, else Debian's packages unpacked into the cache, else the
// embedded stand-in, which is told apart by Server.Note.
func Redis(ctx context.Context, o RedisOptions) (*Server, error) {
	dir, err := makeDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	port, err := choosePort(dir, "port", o.Port)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	address := url.URL{Scheme: "redis", Host: address(port), Path: "/0"}
	if o.Password != "" {
		address.User = url.UserPassword("default", o.Password)
	}
	s := &Server{Name: "redis", URL: address.String(), Dir: dir, Log: filepath.Join(dir, "redis.log")}
	var bin redisBinary
	if !o.Embedded {
		bin, err = findRedis(ctx, o.say)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("redis: %w", ctx.Err())
		}
		if err != nil {
			o.say(err.Error())
		}
	}
	if bin.path == "" {
		embedRedis(s, port, o)
		return s, s.Start(ctx)
	}
	conf := filepath.Join(dir, "redis.conf")
	if err := os.WriteFile(conf, []byte(redisConf(o, dir, port)), 0o600); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	s.launch = func(ctx context.Context) (Run, error) {
		return startAndWait(ctx, proc.Command{
			Path: bin.path, Args: []string{conf}, Env: append([]string{"LC_ALL=C"}, bin.env...),
			Dir: dir, Log: s.Log, StopSignal: syscall.SIGTERM,
		}, s.pingRedis)
	}
	return s, s.Start(ctx)
}

// redisConf is a file and not arguments, which every process on the machine could read.
func redisConf(o RedisOptions, dir string, port int) string {
	appendOnly := "no"
	if o.AppendOnly {
		appendOnly = "yes"
	}
	lines := []string{
		"bind 127.0.0.1", "protected-mode yes", "port " + strconv.Itoa(port), "daemonize no",
		"dir " + strconv.Quote(dir), `logfile ""`, `save ""`,
		"maxmemory-policy noeviction", "appendonly " + appendOnly, "appendfsync everysec",
	}
	if o.Password != "" {
		lines = append(lines, "requirepass "+strconv.Quote(o.Password))
	}
	return strings.Join(lines, "\n") + "\n"
}

func (s *Server) pingRedis(ctx context.Context) error {
	options, err := redis.ParseURL(s.URL)
	if err != nil {
		return err
	}
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	return client.Ping(ctx).Err()
}

type redisBinary struct {
	path string
	env  []string
}

// redisPackages are the server and those libraries of it that a small Debian lacks.
var redisPackages = []string{"redis-server", "redis-tools", "libatomic1", "libjemalloc2", "liblua5.1-0", "liblzf1", "lua-bitop", "lua-cjson"}

func findRedis(ctx context.Context, say func(string)) (redisBinary, error) {
	if path, err := exec.LookPath("redis-server"); err == nil {
		return redisBinary{path: path}, nil
	}
	return fetchRedis(ctx, say)
}

func fetchRedis(ctx context.Context, say func(string)) (redisBinary, error) {
	root, err := install.Debian(ctx, "redis", redisPackages, say)
	if errors.Is(err, install.ErrTool) {
		return redisBinary{}, fmt.Errorf("no redis-server on PATH, and this is not Debian (%w)", err)
	}
	if err != nil {
		return redisBinary{}, fmt.Errorf("no redis-server on PATH (Debian: apt-get install redis-server): %w", err)
	}
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH] + "-linux-gnu"
	libraries := filepath.Join(root, "usr/lib", arch) + ":" + filepath.Join(root, "lib", arch)
	bin := redisBinary{filepath.Join(root, "usr/bin/redis-server"), []string{"LD_LIBRARY_PATH=" + libraries}}
	check := exec.CommandContext(ctx, bin.path, "--version")
	check.Env = bin.env
	if out, err := check.CombinedOutput(); err != nil {
		return redisBinary{}, fmt.Errorf("the unpacked redis-server does not run here (%w): %s", err, out)
	}
	return bin, nil
}
