// Package chaos_test holds the whole system against faults at scale: nothing lost, nothing twice, nothing stuck, and
// back in time. It runs by `make chaos`; decision 0058 says what a run is and when it is void.
package chaos_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/tests/internal/world"
)

func TestMain(m *testing.M) { partstest.Main(m) }

// gate keeps these tests out of `make test`: they take minutes and a machine of their own.
func gate(t *testing.T) {
	t.Helper()
	if os.Getenv("CHIMERA_TEST_CHAOS") != "1" {
		t.Skip("chaos runs by make chaos")
	}
}

// seed is CHIMERA_TEST_CHAOS_SEED, else a new one. It is printed at both ends: what scrolls away first is the start.
func seed(t *testing.T) uint64 {
	t.Helper()
	s := rand.Uint64() >> 1
	if given := os.Getenv("CHIMERA_TEST_CHAOS_SEED"); given != "" {
		var err error
		s, err = strconv.ParseUint(given, 10, 64)
		require.NoError(t, err, "SEED is a whole number")
	}
	t.Logf("seed %d (again: make chaos SEED=%d)", s, s)
	t.Cleanup(func() { t.Logf("this was seed %d", s) })
	return s
}

// scale is CHIMERA_TEST_CHAOS_SCALE, else 1: 10,000 tasks and the faults that belong to them.
func scale(t *testing.T) float64 {
	t.Helper()
	given := os.Getenv("CHIMERA_TEST_CHAOS_SCALE")
	if given == "" {
		return 1
	}
	s, err := strconv.ParseFloat(given, 64)
	require.NoError(t, err)
	require.True(t, s > 0 && s <= 100, "SCALE is between 0 and 100")
	return s
}

// unlimited lifts the skills' own rate limits: what is tested is the path, and faults at the pace of a test.
var unlimited = map[string][]string{"skill": {"CHIMERA_RATE_LIMITS=*=100000/s:100000"}}

// start is a world for load: quiet processes, and no rate limits of the skills.
func start(t *testing.T, s world.Setup) *world.World {
	t.Helper()
	s.Quiet = true
	if s.Env == nil {
		s.Env = map[string][]string{}
	}
	s.Env["skill"] = append(unlimited["skill"], s.Env["skill"]...)
	return world.StartWith(t, s)
}
