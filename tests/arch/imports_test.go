package arch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport is, for every package that a program is made of, which others of ours it may import directly; gen is
// everybody's. The first line that names a package counts. A package without a line fails: it has no place yet.
var mayImport = []struct{ Package, Imports string }{
	{kit + "/boot", "K/errs K/secret"},
	{kit + "/grant/...", "K/errs"},
	{kit + "/toolmeta", "K/errs K/grant"},
	{kit + "/control", "K/errs"},
	{kit + "/errs", ""},
	{kit + "/platforms", ""},
	{kit + "/rules", ""},
	{kit + "/secret", ""},
	{kit + "/terms", ""},

	{shared + "/tenancy", ""},
	{shared + "/gather", ""},
	{bus + "/internal/...", "S/tenancy"},
	{bus, "B/... S/gather S/tenancy K/boot K/errs K/rules"},

	{inner + "/audit", ""},
	{inner + "/planner/...", "I/planner/... K/errs K/grant K/platforms"},
	{inner + "/judge", "I/planner/... K/grant K/platforms K/terms"},
	{inner + "/grantdesk", "K/errs K/grant"},
	{inner + "/vault", "S/tenancy K/secret"},
	{inner + "/store", "I/audit S/tenancy K/errs"},
	{inner + "/memory", "S/tenancy K/errs K/secret"},
	{inner + "/changes", "I/audit S/tenancy K/errs"},
	{inner + "/commit", "I/audit I/planner I/judge I/grantdesk I/store I/vault S/gather S/tenancy K/errs K/grant/... K/platforms"},
	{inner + "/flow", "I/commit I/judge I/memory I/store B S/tenancy K/errs"},
	{inner + "/dispatch", "I/commit I/flow I/store I/audit B S/tenancy K/errs"},
	{inner + "/api/authn", "K/errs"},
	{inner + "/api", "I/api/... I/audit I/changes I/commit I/planner I/store S/tenancy K/boot K/errs K/platforms K/rules"},
	{"chimera/services/orchestrator", "I/... B S/tenancy K/..."},
	{"chimera/services/orchestrator/cmd/orchestrator", "chimera/services/orchestrator K/boot"},

	{"chimera/services/worker/internal/toolbox", "K/control K/errs K/toolmeta"},
	{"chimera/services/worker/internal/perform", "W/toolbox S/gather K/..."},
	{"chimera/services/worker", "W/... B K/..."},
	{"chimera/services/worker/cmd/worker", "chimera/services/worker K/boot"},

	{"chimera/skills/internal/skillkit", "K/..."},
	{"chimera/skills/internal/...", "chimera/skills/internal/platformhttp K/errs K/secret K/grant/tid"},
	// A skill knows the kit and what skills share, never another skill.
	{"chimera/skills/...", "chimera/skills/internal/... K/..."},
}

var short = strings.NewReplacer("K/", kit+"/", "S/", shared+"/", "B/", bus+"/", "I/", inner+"/", "W/", "chimera/services/worker/internal/")

func named(pattern, path string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return path == base || below && within(path, base)
}

// misplaced says what of a package's imports its line does not allow; nil without a line.
func misplaced(path string, imports []string) (found []string, placed bool) {
	for _, rule := range mayImport {
		if !named(rule.Package, path) {
			continue
		}
		for _, imported := range imports {
			ours := within(imported, "chimera") && !within(imported, "chimera/gen")
			allowed := slices.ContainsFunc(strings.Fields(rule.Imports), func(word string) bool {
				return word == "B" && imported == bus || named(short.Replace(word), imported)
			})
			if ours && !allowed {
				found = append(found, imported)
			}
		}
		return found, true
	}
	return nil, false
}

func TestEveryPackageHasItsPlace(t *testing.T) { // R6.4
	for path, p := range productionGraph(t) {
		if !within(path, "chimera") || within(path, "chimera/gen") || isTestHelper(path) {
			continue
		}
		wrong, placed := misplaced(path, p.Imports)
		if !placed {
			t.Errorf("%s has no line in mayImport: say what it may import", path)
		}
		for _, imported := range wrong {
			t.Errorf("%s may not import %s: mayImport in this test, and the map in AGENTS.md", path, imported)
		}
	}
	for _, rule := range mayImport {
		require.NotEmpty(t, productionGraph(t).matching(rule.Package), "mayImport names %s, which is not there", rule.Package)
	}

	wrong, placed := misplaced(inner+"/judge", []string{"fmt", kit + "/grant", inner + "/store", "chimera/gen/go/chimera/type/v1"})
	require.True(t, placed)
	require.Equal(t, []string{inner + "/store"}, wrong, "planted: a decider with a handle")
	wrong, _ = misplaced("chimera/skills/trends", []string{"chimera/skills/publisher", "chimera/skills/internal/netguard", kit + "/errs"})
	require.Equal(t, []string{"chimera/skills/publisher"}, wrong, "planted: a skill that knows another")
	_, placed = misplaced(inner+"/newcomer", nil)
	require.False(t, placed, "planted: a package without a place")
}
