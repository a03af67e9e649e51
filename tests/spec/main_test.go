// Package spec_test holds the documents to the code: what specs/ and the README say of RPCs, tables, variables,
// paths, commands and tests is either generated from the code or compared with it (R16.1).
//
// UPDATE_SPECS=1 go test ./tests/spec rewrites the generated parts of specs/technical.md.
package spec_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
)

func TestMain(m *testing.M) { partstest.Main(m) }

const technical = "specs/technical.md"

var updating = os.Getenv("UPDATE_SPECS") == "1"

// root is the repository, as seen from this package's folder, where go test runs.
var root = filepath.Join("..", "..")

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	return string(raw)
}

// files are those that git would commit: tracked, or new and not ignored.
var files = sync.OnceValues(func() ([]string, error) {
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate")
	cmd.Dir = root
	out, err := cmd.Output()
	all := strings.Fields(string(out))
	slices.Sort(all)
	return slices.Compact(all), err
})

func listed(t *testing.T, keep func(file string) bool) (kept []string) {
	t.Helper()
	all, err := files()
	require.NoError(t, err)
	for _, file := range all {
		if _, err := os.Stat(filepath.Join(root, file)); err == nil && keep(file) {
			kept = append(kept, file)
		}
	}
	require.NotEmpty(t, kept)
	return kept
}

func marker(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)(<!-- generated: ` + name + ` -->\n)(.*?)(<!-- end: ` + name + ` -->)`)
}

// holds compares a generated part of the technical specification with what the code says now, or rewrites it.
func holds(t *testing.T, name, want string) {
	t.Helper()
	holdsIn(t, technical, name, want)
}

func holdsIn(t *testing.T, file, name, want string) {
	t.Helper()
	text := read(t, file)
	found := marker(name).FindStringSubmatch(text)
	require.NotNil(t, found, "%s needs the markers of %q", file, name)
	if updating {
		text = strings.Replace(text, found[0], found[1]+want+found[3], 1)
		require.NoError(t, os.WriteFile(filepath.Join(root, file), []byte(text), 0o600))
		return
	}
	if found[2] != want {
		t.Errorf("%s is not what the tree says; change the specification first, then: UPDATE_SPECS=1 go test ./tests/spec\n%s", file, cmp.Diff(found[2], want))
	}
}
