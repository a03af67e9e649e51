package arch_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	// maxLines is where a file has become two; medianLines is what keeps the tree readable in one sitting.
	maxLines    = 600
	medianLines = 120
)

func handWritten(file string) bool {
	return !strings.HasPrefix(file, "gen/") && !strings.HasPrefix(file, "proto/third_party/") && !strings.Contains(file, "node_modules/")
}

func lines(t *testing.T, file string) int {
	t.Helper()
	raw, err := os.ReadFile(at(file))
	if os.IsNotExist(err) {
		return 0 // deleted and not yet committed
	}
	require.NoError(t, err)
	return bytes.Count(raw, []byte("\n"))
}

func TestFilesStayShort(t *testing.T) {
	var counts []int
	for _, file := range tracked(t) {
		ext := filepath.Ext(file)
		if !handWritten(file) || !slices.Contains([]string{".go", ".ts", ".tsx", ".mjs", ".js"}, ext) {
			continue
		}
		n := lines(t, file)
		if n > maxLines {
			t.Errorf("%s has %d lines, more than %d: split it by job", file, n, maxLines)
		}
		if ext == ".go" && !strings.HasSuffix(file, "_test.go") {
			counts = append(counts, n)
		}
	}
	require.NotEmpty(t, counts)
	slices.Sort(counts)
	require.LessOrEqual(t, counts[len(counts)/2], medianLines, "median lines of hand-written Go")
}
