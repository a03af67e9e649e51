package partstest

import (
	"context"
	"errors"
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

// WeaviateIfAny is an ExclusiveWeaviate, or nil where there is none and CHIMERA_TEST_WEAVIATE does not ask for one: for
// tests that show less without it, and still something.
func WeaviateIfAny(t testing.TB) *parts.WeaviateServer {
	t.Helper()
	server, err := tryExclusive(t, optionsFor(t, "weaviate"), startWeaviate)
	if errors.Is(err, parts.ErrAbsent) && optional("weaviate") {
		t.Log(err)
		return nil
	}
	if err != nil {
		missing(t, "weaviate", err)
	}
	return server
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
