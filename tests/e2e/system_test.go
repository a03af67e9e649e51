// Package e2e_test holds the whole system against its promises on real processes: the main job, bad input and
// faults. The sandbox platforms' own count is the referee.
package e2e_test

import (
	"testing"

	"chimera/infra/local/parts/partstest"
	"chimera/tests/e2e/internal/world"
)

func TestMain(m *testing.M) { partstest.Main(m) }

// scenarios share one world. Each has campaigns and accounts of its own and leaves all processes running; they
// follow one another because most of them break something.
var scenarios = []struct {
	name string
	run  func(t *testing.T, w *world.World)
}{
	{"a_goal_becomes_a_live_post_on_both_platforms", mainJob},
}

func TestSystem(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the whole system")
	}
	w := world.Start(t)
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { s.run(t, w) })
	}
}
