package spec_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clauseRow is a line of specs/requirements.md: id, clause, how far it is.
var clauseRow = regexp.MustCompile(`(?m)^\| (R\d+\.\d+) \|.*\| ([^|]*) \|$`)

// checks are the files that can refuse a change: tests, linters' rules, make targets, workflows. A document is none.
func checks(t *testing.T) (text string) {
	t.Helper()
	var b strings.Builder
	for _, file := range listed(t, func(f string) bool {
		return strings.HasSuffix(f, "_test.go") && f != "tests/spec/named_test.go" || strings.HasPrefix(f, "tests/e2e/") || strings.HasPrefix(f, ".github/workflows/") ||
			slices.Contains([]string{"Makefile", ".golangci.yaml", "apps/platform/eslint.config.mjs", "buf.yaml"}, f)
	}) {
		b.WriteString(read(t, file) + "\n")
	}
	return b.String()
}

// unnamed are the clauses that no check names. Those that are wholly to come ("not yet") have none to name.
func unnamed(requirements, checks string) (ids []string) {
	named := requireID.FindAllString(checks, -1)
	for _, m := range clauseRow.FindAllStringSubmatch(requirements, -1) {
		if strings.TrimSpace(m[2]) != "not yet" && !slices.Contains(named, m[1]) {
			ids = append(ids, m[1])
		}
	}
	return ids
}

func TestEveryClauseIsNamedByACheck(t *testing.T) { // R16.1, R19.1
	requirements := read(t, "specs/requirements.md")
	require.Len(t, clauseRow.FindAllString(requirements, -1), strings.Count(requirements, "\n| R")-1, "the clauses are read wrongly") // less the head
	for _, id := range unnamed(requirements, checks(t)) {
		t.Errorf("%s is named by no test, lint rule or make target: name it where it is held, or say \"not yet\" in specs/requirements.md", id)
	}
	planted := "| R1.1 | a | yes |\n| R1.2 | b | yes; not yet all |\n| R1.3 | c | not yet |\n| R1.10 | d | yes |\n"
	require.Equal(t, []string{"R1.2", "R1.10"}, unnamed(planted, "// R1.1, R1.11"))
}
