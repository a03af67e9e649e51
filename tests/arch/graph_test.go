// Package arch_test holds the rules of the tree that the compiler cannot: who may link what, who may write, how
// long a file may be, what may lie where.
package arch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the repository, seen from this package's folder, where go test runs.
const root = "../.."

// goPackage is what `go list -json` says of one package; Imports leave out its tests.
type goPackage struct {
	ImportPath string
	Dir        string
	Name       string
	Export     string
	Standard   bool
	GoFiles    []string
	Imports    []string
}

type graph map[string]goPackage

// production is the graph of all that services and skills are built from, by one call of go list.
var production = sync.OnceValues(func() (graph, error) {
	return list("-deps", "./services/...", "./skills/...")
})

func list(args ...string) (graph, error) {
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Name,Export,Standard,GoFiles,Imports"}, args...)...)
	cmd.Dir = root
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	packages := graph{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages[p.ImportPath] = p
	}
}

func productionGraph(t *testing.T) graph {
	t.Helper()
	g, err := production()
	require.NoError(t, err)
	return g
}

// within tells whether path is prefix or lies below it; prefix "std" matches nothing by accident of spelling.
func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

// matching lists our packages that a pattern names: a path, or a path with "/..." for all below it too.
func (g graph) matching(pattern string) (paths []string) {
	base, below := strings.CutSuffix(pattern, "/...")
	for path := range g {
		if path == base || below && within(path, base) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// mains lists the programs below a path.
func (g graph) mains(prefix string) (paths []string) {
	for path, p := range g {
		if p.Name == "main" && within(path, prefix) && !isTestHelper(path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// chain finds the shortest way of imports from a package to one that bad accepts; nil if there is none.
func (g graph) chain(from string, bad func(path string) bool) []string {
	cameFrom := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		if at := queue[0]; at != from && bad(at) {
			var way []string
			for ; at != ""; at = cameFrom[at] {
				way = append([]string{at}, way...)
			}
			return way
		}
		for _, next := range g[queue[0]].Imports {
			if _, seen := cameFrom[next]; !seen {
				cameFrom[next] = queue[0]
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// isTestHelper: packages made for tests end in "test" (bustest, skillkittest) or lie below one that does.
func isTestHelper(path string) bool {
	return within(path, "chimera/infra") || within(path, "chimera/tests") ||
		within(path, "chimera") && slices.ContainsFunc(strings.Split(path, "/"), func(s string) bool { return strings.HasSuffix(s, "test") })
}

// modules are the paths that go.mod requires.
func modules(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	var mod struct{ Require []struct{ Path string } }
	require.NoError(t, json.Unmarshal(out, &mod))
	var paths []string
	for _, r := range mod.Require {
		paths = append(paths, r.Path)
	}
	return paths
}

// tracked lists the files of the repository with those about to be added; generated and vendored ones too.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	require.NotEmpty(t, files[0])
	return slices.Compact(files)
}

func at(file string) string { return filepath.Join(root, file) }
