package e2e_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// plantedBugs: a publisher that was really built with a bug is found out by the referee that finds nothing elsewhere.
func plantedBugs(t *testing.T, w *world.World) {
	for _, bug := range []struct{ name, old, replacement, finding string }{
		{"another key than the stored one", "permit.PlatformKey, status)", `"x"+permit.PlatformKey[1:], status)`, "no effect knows it"},
		{"other bytes than the approved ones", "Text: p.Text,", `Text: p.Text + " Buy now!",`, "bytes: "},
	} {
		t.Run(bug.name, func(t *testing.T) {
			back := w.Alter(t, "publisher", "skills/publisher/mastodon.go", bug.old, bug.replacement)
			defer back()
			r := w.Launch(t, world.Options{Platforms: []string{"mastodon"}})
			r.ApproveAll(t)
			r.AwaitTask(t, "publish", "succeeded", "failed", "unknown")
			require.Contains(t, strings.Join(referee.Audit(w.Book(t, r)), "\n"), bug.finding)
		})
	}
}
