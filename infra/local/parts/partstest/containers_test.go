package partstest

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
)

func TestMain(m *testing.M) { Main(m) }

// needEngine skips where no Docker engine answers and nobody demands one.
func needEngine(t *testing.T) {
	t.Helper()
	_, err := engine()
	switch demanded := os.Getenv("CHIMERA_TEST_CONTAINERS"); {
	case demanded == "0":
		t.Skip("CHIMERA_TEST_CONTAINERS=0: no containers")
	case err != nil && demanded == "1":
		t.Fatal(err)
	case err != nil:
		t.Skip(err)
	}
}

// A part that was killed comes back at its address with its data, in a container as outside of one.
func TestKilledContainersComeBackWithTheirData(t *testing.T) { // R0.4
	needEngine(t)
	t.Run("redis", func(t *testing.T) {
		server := exclusive(t, "redis", containerRedis)
		options, err := goredis.ParseURL(server.URL)
		require.NoError(t, err)
		client := goredis.NewClient(options)
		t.Cleanup(func() { _ = client.Close() })
		require.NoError(t, client.Set(t.Context(), "kept", "yes", 0).Err())
		policy, err := client.ConfigGet(t.Context(), "maxmemory-policy").Result()
		require.NoError(t, err)
		require.Equal(t, "noeviction", policy["maxmemory-policy"])
		time.Sleep(1100 * time.Millisecond) // the append-only file is synced every second
		kill(t, server)
		require.Error(t, client.Ping(t.Context()).Err())
		require.NoError(t, server.Start(t.Context()))
		require.Equal(t, "yes", client.Get(t.Context(), "kept").Val())
		files, err := os.ReadDir(server.Dir + "/data")
		require.NoError(t, err)
		require.NotEmpty(t, files, "tests look at what Redis keeps")
	})
	t.Run("postgres", func(t *testing.T) {
		server := exclusive(t, "postgres", containerPostgres)
		execute(t, server.URL, "CREATE TABLE kept (n int)")
		kill(t, server)
		_, err := pgx.Connect(t.Context(), server.URL)
		require.Error(t, err)
		require.NoError(t, server.Start(t.Context()))
		execute(t, server.URL, "INSERT INTO kept VALUES (1)")
		require.NoError(t, server.Stop(t.Context()))
		require.NoError(t, server.Start(t.Context()))
		execute(t, server.URL, "INSERT INTO kept VALUES (2)")
	})
	t.Run("weaviate", func(t *testing.T) {
		server := exclusive(t, "weaviate", containerWeaviate)
		ask := func(key string) int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/schema", nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+key)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			return res.StatusCode
		}
		require.Equal(t, http.StatusOK, ask(server.APIKey))
		require.Equal(t, http.StatusUnauthorized, ask("wrong"))
	})
}

func kill(t *testing.T, server *parts.Server) {
	t.Helper()
	require.NotZero(t, server.PID())
	done := server.Done()
	require.NoError(t, server.Kill())
	select {
	case <-done:
	default:
		t.Fatal("Kill returns when it is gone")
	}
	require.NoError(t, server.Kill(), "a second time does nothing")
	require.Zero(t, server.PID())
}

func TestWhatWasAskedForIsStarted(t *testing.T) {
	here := func(_ context.Context, _ parts.Options) (string, error) { return "here", nil }
	inside := func(_ context.Context, _ parts.Options) (string, error) { return "container", nil }
	broken := func(_ context.Context, _ parts.Options) (string, error) { return "", os.ErrNotExist }
	t.Setenv("CHIMERA_TEST_CONTAINERS", "0")
	got, err := preferContainer(t.Context(), parts.Options{}, inside, here)
	require.NoError(t, err)
	require.Equal(t, "here", got)
	t.Setenv("CHIMERA_TEST_CONTAINERS", "1")
	got, err = preferContainer(t.Context(), parts.Options{}, inside, here)
	require.NoError(t, err)
	require.Equal(t, "container", got)
	_, err = preferContainer(t.Context(), parts.Options{}, broken, here)
	require.ErrorIs(t, err, os.ErrNotExist, "what is demanded is not replaced")
	t.Setenv("CHIMERA_TEST_CONTAINERS", "")
	got, err = preferContainer(t.Context(), parts.Options{}, broken, here)
	require.NoError(t, err)
	require.Equal(t, "here", got)
}
