package parts_test

import (
	"os"
	"testing"

	"chimera/infra/local/parts/partstest"
)

// TestMain: these are the tests of the child processes, so none is taken from a container.
func TestMain(m *testing.M) {
	_ = os.Setenv("CHIMERA_TEST_CONTAINERS", "0")
	partstest.Main(m)
}
