package partstest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"chimera/infra/local/parts"
)

var redis shared[*parts.Server]

// Redis is a Redis shared by all tests of this binary: CHIMERA_TEST_REDIS_URL, else one that is started.
// Tests share its keys, so each takes a prefix of its own and none flushes it.
func Redis(t testing.TB) *parts.Server {
	t.Helper()
	if address := os.Getenv("CHIMERA_TEST_REDIS_URL"); address != "" {
		return parts.External("redis", address)
	}
	return redis.get(t, "redis", startRedis)
}

// ExclusiveRedis is a Redis of this test's own, to flush, kill and restart; it has an append-only file,
// so killing it loses at most the last second.
func ExclusiveRedis(t testing.TB) *parts.Server {
	t.Helper()
	return exclusive(t, "redis", startRedis)
}

func startRedis(ctx context.Context, o parts.Options) (*parts.Server, error) {
	return preferContainer(ctx, o, containerRedis, childRedis)
}

// childRedis refuses the stand-in: a test that passes on it says nothing about Redis.
func childRedis(ctx context.Context, o parts.Options) (*parts.Server, error) {
	server, err := parts.Redis(ctx, parts.RedisOptions{Options: o, AppendOnly: true})
	if err == nil && server.Note != "" {
		_ = server.Stop(ctx)
		return nil, fmt.Errorf("redis: %w: tests need a real one (Debian: apt-get install redis-server)", parts.ErrAbsent)
	}
	return server, err
}
