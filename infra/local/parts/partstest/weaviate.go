package partstest

import (
	"context"
	"os"
	"testing"

	"chimera/infra/local/parts"
)

var vectors shared[*parts.WeaviateServer]

// Weaviate is a Weaviate shared by all tests of this binary. Where there is neither a container nor a weaviate-server the test is
// skipped, in CI too unless CHIMERA_TEST_WEAVIATE=1: no registry serves it ready to run.
func Weaviate(t testing.TB) *parts.WeaviateServer {
	t.Helper()
	return vectors.get(t, "weaviate", startWeaviate)
}

// ExclusiveWeaviate is a Weaviate of this test's own, to kill and restart.
func ExclusiveWeaviate(t testing.TB) *parts.WeaviateServer {
	t.Helper()
	return exclusive(t, "weaviate", startWeaviate)
}

func startWeaviate(ctx context.Context, o parts.Options) (*parts.WeaviateServer, error) {
	return preferContainer(ctx, o, containerWeaviate, childWeaviate)
}

func childWeaviate(ctx context.Context, o parts.Options) (*parts.WeaviateServer, error) {
	return parts.Weaviate(ctx, parts.WeaviateOptions{Options: o})
}

// optional says whether CI may go without a part that is absent.
func optional(name string) bool {
	return name == "weaviate" && os.Getenv("CHIMERA_TEST_WEAVIATE") != "1"
}
