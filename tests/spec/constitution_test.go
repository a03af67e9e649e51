package spec_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	section  = regexp.MustCompile(`(?m)^## (\d+)\. `)
	ruleRow  = regexp.MustCompile(`(?m)^\| (\d+)\.(\d+) \| (.+)$`)
	lintRule = regexp.MustCompile(`lint (\*[^|;]+)`)
	starred  = regexp.MustCompile(`\*([a-z]+)(?: ([a-z]+))?\*`)
	// holder is what may hold a rule; a bare reference to another rule counts, it has its own.
	holder = regexp.MustCompile("Test[A-Z]\\w+|`make |\\blint \\*|ESLint|judgement|not yet|runtime|database|git hook|`[\\w./-]+`|\\b\\d+\\.\\d+\\b|^there$|by types")
)

// TestTheConstitutionIsWhole: all 22 sections, rules numbered without a gap, and none without what holds it. That
// the names in it exist is TestNamedTestsExist's and its neighbours' (documents).
func TestTheConstitutionIsWhole(t *testing.T) { // R2.1, R19.1, R21.1
	text := read(t, "constitution.md")
	for _, finding := range unsound(text, read(t, ".golangci.yaml")) {
		t.Errorf("constitution.md: %s", finding)
	}
	require.Greater(t, len(ruleRow.FindAllString(text, -1)), 120, "the rules are read wrongly")
}

func unsound(text, lint string) (found []string) {
	var sections []string
	for _, m := range section.FindAllStringSubmatch(text, -1) {
		sections = append(sections, m[1])
	}
	for n := range 22 {
		if n >= len(sections) || sections[n] != fmt.Sprint(n+1) {
			return append(found, fmt.Sprintf("section %d is missing or out of place", n+1))
		}
	}
	at := section.FindAllStringIndex(text, -1)
	for i, from := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		former := 0
		for _, m := range ruleRow.FindAllStringSubmatch(text[from[0]:end], -1) {
			name, cells := m[1]+"."+m[2], strings.Split(strings.TrimSuffix(strings.TrimSpace(m[3]), "|"), " | ")
			var n int
			_, _ = fmt.Sscan(m[2], &n)
			if m[1] != sections[i] || former != 0 && n != former+1 {
				found = append(found, name+" stands out of order")
			}
			former = n
			held := strings.TrimSpace(cells[len(cells)-1])
			if len(cells) < 2 || !holder.MatchString(held) {
				found = append(found, name+" does not say what holds it")
			}
			found = append(found, unknownLinters(name, held, lint)...)
		}
	}
	return found
}

// unknownLinters looks for "lint *linter*" and "lint *linter rule*" in the linter's configuration.
func unknownLinters(name, held, lint string) (found []string) {
	for _, list := range lintRule.FindAllStringSubmatch(held, -1) {
		for _, m := range starred.FindAllStringSubmatch(list[1], -1) {
			rule := m[2] == "" || strings.Contains(lint, " "+m[2]+":") || strings.Contains(lint, "name: "+m[2])
			if !strings.Contains(lint, "- "+m[1]+"\n") || !rule {
				found = append(found, name+" names the lint rule "+m[0]+", which is not configured")
			}
		}
	}
	return found
}

// TestEveryLibraryIsDecided: R4.3. What we import stands in a decision by its full name.
func TestEveryLibraryIsDecided(t *testing.T) {
	var decisions strings.Builder
	for _, file := range listed(t, func(f string) bool { return strings.HasPrefix(f, "specs/decisions/") }) {
		decisions.WriteString(read(t, file) + "\n")
	}
	names := append(importedModules(t), platformPackages(t)...)
	require.Greater(t, len(names), 40)
	for _, name := range undecided(names, decisions.String()) {
		t.Errorf("%s stands in no decision: R4.3 wants choice, reason, alternatives, impact, date and approver", name)
	}
}

func undecided(names []string, decisions string) (found []string) {
	words := strings.FieldsFunc(decisions, func(r rune) bool { return strings.ContainsRune(" \n\t`|,;()", r) })
	for _, name := range names {
		if !slices.Contains(words, name) {
			found = append(found, name)
		}
	}
	return found
}

// importedModules are the modules of what our packages and their tests import themselves.
func importedModules(t *testing.T) (modules []string) {
	t.Helper()
	run := func(args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Stderr = root, os.Stderr
		out, err := cmd.Output()
		require.NoError(t, err)
		return string(out)
	}
	var mod struct{ Require []struct{ Path string } }
	require.NoError(t, json.Unmarshal([]byte(run("mod", "edit", "-json")), &mod))
	seen := map[string]bool{}
	format := `{{range .Imports}}{{println .}}{{end}}{{range .TestImports}}{{println .}}{{end}}{{range .XTestImports}}{{println .}}{{end}}`
	for _, path := range strings.Fields(run("list", "-f", format, "./services/...", "./skills/...", "./infra/...", "./tests/...")) {
		owner := ""
		for _, m := range mod.Require {
			if (path == m.Path || strings.HasPrefix(path, m.Path+"/")) && len(m.Path) > len(owner) {
				owner = m.Path
			}
		}
		// testcontainers' parts are modules of one release.
		owner, _, _ = strings.Cut(owner, "/modules/")
		if owner != "" && !seen[owner] {
			seen[owner] = true
			modules = append(modules, owner)
		}
	}
	return modules
}

func platformPackages(t *testing.T) (names []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "apps/platform/package.json"))
	require.NoError(t, err)
	var p struct{ Dependencies, DevDependencies map[string]string }
	require.NoError(t, json.Unmarshal(raw, &p))
	for _, deps := range []map[string]string{p.Dependencies, p.DevDependencies} {
		for name := range deps {
			names = append(names, name)
		}
	}
	return names
}

// The planted bugs.
func TestPlantedGapsAreFound(t *testing.T) {
	var whole strings.Builder
	for n := range 22 {
		fmt.Fprintf(&whole, "## %d. S\n\n| %d.1 | a | `TestX` |\n| %d.2 | b | lint *depguard tools*, judgement |\n", n+1, n+1, n+1)
	}
	lint := "    - depguard\n  settings:\n    depguard:\n      rules:\n        tools:\n"
	require.Empty(t, unsound(whole.String(), lint))
	for name, change := range map[string][2]string{
		"a section is gone":       {"## 17. S", "## 18. S"},
		"a rule has no holder":    {"| 9.1 | a | `TestX` |", "| 9.1 | a | everybody |"},
		"a rule has an empty one": {"| 9.2 | b | lint *depguard tools*, judgement |", "| 9.2 | b | |"},
		"a number is skipped":     {"| 4.2 |", "| 4.3 |"},
		"a rule is elsewhere":     {"| 4.2 |", "| 5.2 |"},
		"a lint rule is gone":     {"| 3.2 | b | lint *depguard tools*", "| 3.2 | b | lint *depguard walls*"},
		"a linter is gone":        {"| 3.2 | b | lint *depguard tools*", "| 3.2 | b | lint *gochecknothing*"},
	} {
		require.NotEmpty(t, unsound(strings.Replace(whole.String(), change[0], change[1], 1), lint), name)
	}
	decided := "| connect-query | x |\n```\ngithub.com/a/b/v2\n@scope/name cmdk\n```\n"
	require.Equal(t, []string{"github.com/a/b", "zustand"}, undecided([]string{"github.com/a/b/v2", "github.com/a/b", "@scope/name", "cmdk", "zustand"}, decided))
}
