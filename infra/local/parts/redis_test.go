package parts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
	"chimera/infra/local/parts/partstest"
)

func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	c := redis.NewClient(options)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedisKeepsItsDataOverKillAndStop(t *testing.T) {
	server := partstest.ExclusiveRedis(t)
	c := client(t, server.URL)
	require.NoError(t, c.XAdd(t.Context(), &redis.XAddArgs{Stream: "s", Values: []string{"k", "v"}}).Err())
	// SIGKILL loses only what the kernel was not given; Redis writes the file before it answers.
	require.NoError(t, server.Kill())
	require.NoError(t, server.Start(t.Context()))
	require.EqualValues(t, 1, c.XLen(t.Context(), "s").Val())
	require.NoError(t, server.Stop(t.Context()))
	require.NoError(t, server.Start(t.Context()))
	require.EqualValues(t, 1, c.XLen(t.Context(), "s").Val())
}

func TestRedisNeverEvicts(t *testing.T) {
	got, err := client(t, partstest.Redis(t).URL).ConfigGet(t.Context(), "maxmemory-policy").Result()
	require.NoError(t, err)
	require.Equal(t, "noeviction", got["maxmemory-policy"])
}

func TestRedisDemandsItsPassword(t *testing.T) {
	for name, embedded := range map[string]bool{"real": false, "embedded": true} {
		t.Run(name, func(t *testing.T) {
			server, err := parts.Redis(t.Context(), parts.RedisOptions{
				Options: parts.Options{Dir: partstest.Dir(t, "redis")}, Password: `a"b c`, Embedded: embedded,
			})
			require.NoError(t, err)
			defer server.Kill()
			require.NoError(t, client(t, server.URL).Ping(t.Context()).Err())
			options, err := redis.ParseURL(server.URL)
			require.NoError(t, err)
			options.Username, options.Password = "", ""
			naked := redis.NewClient(options)
			defer naked.Close()
			require.ErrorContains(t, naked.Ping(t.Context()).Err(), "NOAUTH")
		})
	}
}

func TestTheEmbeddedRedisSaysSoAndRestarts(t *testing.T) {
	var said []string
	server, err := parts.Redis(t.Context(), parts.RedisOptions{
		Options: parts.Options{Dir: partstest.Dir(t, "redis"), Say: func(line string) { said = append(said, line) }}, Embedded: true,
	})
	require.NoError(t, err)
	require.Contains(t, server.Note, "miniredis")
	require.Len(t, said, 1)
	done := server.Done()
	require.NoError(t, server.Kill())
	select {
	case <-done:
	case <-time.After(time.Second):
		t.Fatal("Done must close when it ends")
	}
	require.NoError(t, server.Start(t.Context()))
	require.NoError(t, client(t, server.URL).Ping(t.Context()).Err())
	require.NoError(t, server.Stop(t.Context()))
}

// What a Debian machine without Redis and without root gets; it must work where one is installed too.
func TestRedisFromUnpackedPackages(t *testing.T) {
	path, err := parts.FetchRedis(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	require.Equal(t, "redis-server", filepath.Base(path))

	// With nothing on PATH but what unpacking needs, Redis starts from the cache.
	tools := t.TempDir()
	for _, tool := range []string{"apt-get", "dpkg", "dpkg-deb", "tar", "rm"} {
		real, err := exec.LookPath(tool)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(real, filepath.Join(tools, tool)))
	}
	t.Setenv("PATH", tools)
	server, err := parts.Redis(t.Context(), parts.RedisOptions{Options: parts.Options{Dir: partstest.Dir(t, "redis")}})
	require.NoError(t, err)
	defer server.Kill()
	require.Empty(t, server.Note, "the real one, not the stand-in")
	require.EqualValues(t, 2, client(t, server.URL).Eval(t.Context(), "return 1 + 1", nil).Val())
}
