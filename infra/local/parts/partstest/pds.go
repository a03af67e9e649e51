package partstest

import (
	"context"
	"os"
	"testing"

	"chimera/infra/local/parts"
)

var social shared[*parts.PDSServer]

// PDS is an AT Protocol server shared by all tests of this binary. Because its first install costs about 3
// CPU-minutes, it is used only where CHIMERA_TEST_PDS=1 or CI=true says so, or where it is installed already.
func PDS(t testing.TB) *parts.PDSServer {
	t.Helper()
	wanted(t)
	return social.get(t, "pds", startPDS)
}

// ExclusivePDS is an AT Protocol server of this test's own, to kill and restart.
func ExclusivePDS(t testing.TB) *parts.PDSServer {
	t.Helper()
	wanted(t)
	return exclusive(t, "pds", startPDS)
}

func wanted(t testing.TB) {
	t.Helper()
	if os.Getenv("CHIMERA_TEST_PDS") != "1" && os.Getenv("CI") != "true" && !parts.PDSInstalled() {
		t.Skip("the AT Protocol server is not installed; CHIMERA_TEST_PDS=1 installs it (about 3 CPU-minutes, once)")
	}
}

func startPDS(ctx context.Context, o parts.Options) (*parts.PDSServer, error) {
	return parts.PDS(ctx, parts.PDSOptions{Options: o})
}
