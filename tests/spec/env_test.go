package spec_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// variable is one that a process reads.
type variable struct{ name, fallback, meaning, folder string }

var getenv = regexp.MustCompile(`os\.(?:Getenv|LookupEnv)\("(CHIMERA_\w+|OTEL_\w+|DEMO_\w+|PLATFORM|CI|UPDATE_\w+)"\)`)

func TestEveryVariableIsSpecified(t *testing.T) {
	var all []variable
	bare := map[string]map[string]bool{}
	for _, file := range listed(t, func(f string) bool { return filepath.Ext(f) == ".go" && !strings.HasPrefix(f, "gen/") }) {
		text := read(t, file)
		for _, m := range getenv.FindAllStringSubmatch(text, -1) {
			if strings.HasSuffix(file, "_test.go") && strings.HasPrefix(m[1], "CHIMERA_") && !strings.HasPrefix(m[1], "CHIMERA_TEST_") {
				continue // a test's own name, or one that its product reads
			}
			if bare[m[1]] == nil {
				bare[m[1]] = map[string]bool{}
			}
			bare[m[1]][filepath.Dir(file)] = true
		}
		if !strings.HasSuffix(file, "_test.go") && strings.Contains(text, "`env:\"") {
			all = append(all, variables(t, file, text)...)
		}
	}
	for name, folders := range bare {
		require.NotEmpty(t, envMeanings[name], "say in envMeanings what %s does", name)
		all = append(all, variable{name: name, meaning: envMeanings[name], folder: strings.Join(slices.Sorted(maps.Keys(folders)), ", ")})
	}
	for name := range envMeanings {
		require.True(t, slices.ContainsFunc(all, func(v variable) bool { return v.name == name }), "envMeanings names %s, which nobody reads", name)
	}
	slices.SortFunc(all, func(a, b variable) int {
		return strings.Compare(a.folder+" "+a.name, b.folder+" "+b.name)
	})
	var b strings.Builder
	b.WriteString("| variable | default | meaning | read in |\n|---|---|---|---|\n")
	for _, v := range all {
		require.NotEmpty(t, v.meaning, "say what %s does, in a comment at its field in %s or in envMeanings", v.name, v.folder)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", v.name, v.fallback, cell(v.meaning), v.folder)
	}
	holds(t, "environment", b.String())
}

// variables reads a configuration struct's fields. A comment speaks for the fields after it up to a blank line.
func variables(t *testing.T, file, text string) (out []variable) {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, text, parser.ParseComments)
	require.NoError(t, err)
	prefix := "CHIMERA_"
	if strings.Contains(text, `"CHIMERA_SANDBOX_"`) {
		prefix = "CHIMERA_SANDBOX_"
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		s, ok := n.(*ast.StructType)
		if !ok {
			return true
		}
		said, last := "", 0
		for _, f := range s.Fields.List {
			switch {
			case f.Doc != nil:
				said = f.Doc.Text()
			case set.Position(f.Pos()).Line != last+1:
				said = ""
			}
			last = set.Position(f.End()).Line
			if f.Tag == nil {
				continue
			}
			raw, err := strconv.Unquote(f.Tag.Value)
			require.NoError(t, err)
			tag := reflect.StructTag(raw)
			name, options, _ := strings.Cut(tag.Get("env"), ",")
			if name == "" || name == "-" {
				continue
			}
			v := variable{name: prefix + name, meaning: said, folder: filepath.Dir(file)}
			if own := envMeanings[v.name]; own != "" {
				v.meaning = own
			}
			if fallback := tag.Get("envDefault"); fallback != "" {
				v.fallback = "`" + cell(fallback) + "`"
			}
			if strings.Contains(options, "required") {
				v.fallback = "**required**"
			}
			out = append(out, v)
		}
		return true
	})
	return out
}
