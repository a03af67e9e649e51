package spec_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// required is R16.1's list and what else the house promises to have.
var required = []string{
	"README.md", "AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "constitution.md", "Makefile", "compose.yaml", "buf.yaml",
	"specs/_meta.md", "specs/functional.md", "specs/technical.md", "specs/requirements.md", "specs/glossary.md", "specs/runbooks/README.md",
	"research/architecture-strategy.md", "research/tooling-strategy.md", "research/landscape.md", "skills/README.md", // R18.1
	".coderabbit.yaml", ".github/CODEOWNERS", ".github/pull_request_template.md", ".github/workflows/ci.yml", ".mcp.json", ".cursor/rules/chimera.mdc",
}

func TestRequiredFilesExist(t *testing.T) { // R16.1, R17.1, R18.1, R20.1
	there := listed(t, func(string) bool { return true })
	for _, file := range required {
		if !slices.Contains(there, file) {
			t.Errorf("%s is missing", file)
		} else if strings.TrimSpace(read(t, file)) == "" {
			t.Errorf("%s is empty", file)
		}
	}
	templates := slices.DeleteFunc(slices.Clone(there), func(f string) bool { return filepath.Dir(f) != ".github/ISSUE_TEMPLATE" })
	require.GreaterOrEqual(t, len(templates), 3)
}

// maxAgents is how many lines a newcomer, or an agent's context, has for the page that is read first.
const maxAgents = 150

func TestTheFirstPageIsShort(t *testing.T) { // R17.1; that its paths, targets and tests exist: the neighbours of this test
	require.LessOrEqual(t, strings.Count(read(t, "AGENTS.md"), "\n"), maxAgents)
	for _, pointer := range []string{"CLAUDE.md", ".cursor/rules/chimera.mdc"} {
		text := read(t, pointer)
		require.Contains(t, text, "AGENTS.md", "%s points at the one page", pointer)
		require.Less(t, strings.Count(text, "\n"), 15, "%s repeats nothing", pointer)
	}
}

func TestTheMakefileHasWhatIsPromised(t *testing.T) { // R15.2, R15.3, R20.1
	makefile := read(t, "Makefile")
	var have []string
	for _, m := range target.FindAllStringSubmatch(makefile, -1) {
		have = append(have, strings.Fields(m[1])...)
	}
	for _, name := range strings.Fields("setup up down run-platform run-orchestrator run-worker test lint format spec-check test-local images smoke smoke-compose actionlint secrets vulncheck ci") {
		require.Contains(t, have, name, "make %s", name)
	}
	recipe := regexp.MustCompile(`(?s)\ntest:.*?\n\n`).FindString(makefile)
	require.Contains(t, recipe, "gotestsum")
	require.NotRegexp(t, `npm|npx|node`, recipe, "make test runs no frontend runner (R15.3)")
	for _, step := range strings.Fields("lint check-generate build spec-check test secrets actionlint smoke conformance fuzz-short bench-gate chaos-short") {
		require.Regexp(t, `(?m)^CI_STEPS := .*\b`+step+`\b`, makefile)
	}
}
