package fuzz_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// decoding are the names of calls that make values of bytes, whichever library's. Numbers, times and UUIDs are
// left out: their parsers are the standard library's and return values that cannot grow.
var decoding = []string{"Unmarshal", "NewDecoder", "DecodeString", "NewTokenizer", "NewParser", "DecodeConfig", "ParseSigned", "ParseFragment"}

// sources are the Go files of the services and skills, by folder; what tests are made of is left out.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, top := range []string{"services", "skills"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, top), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(file) != ".go" {
				return err
			}
			folder := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(file), root+"/"))
			if !strings.Contains(folder, "test/") && !strings.HasSuffix(folder, "test") {
				found[folder] = append(found[folder], file)
			}
			return nil
		}))
	}
	return found
}

// decoders answers every function outside of tests that makes such a call, as folder.Function.
func decoders(t *testing.T, files map[string][]string) []string {
	t.Helper()
	found := map[string]bool{}
	for folder, list := range files {
		for _, file := range list {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, decl := range tree.Decls {
				if decodes(decl) {
					found[folder+"."+nameOf(decl)] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func nameOf(decl ast.Decl) string {
	if f, ok := decl.(*ast.FuncDecl); ok {
		return f.Name.Name
	}
	return "var"
}

func decodes(decl ast.Decl) (found bool) {
	ast.Inspect(decl, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selected, ok := call.Fun.(*ast.SelectorExpr)
		found = found || ok && slices.Contains(decoding, selected.Sel.Name)
		return !found
	})
	return found
}

// targets answers every fuzz target as folder.Name, the ones without a seed in the repository, and the ones whose
// inputs may cost what they like.
func targets(t *testing.T, files map[string][]string) (all, bare, boundless []string) {
	t.Helper()
	for folder, list := range files {
		for _, file := range list {
			if !strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, decl := range tree.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || !strings.HasPrefix(f.Name.Name, "Fuzz") || f.Recv != nil {
					continue
				}
				all = append(all, folder+"."+f.Name.Name)
				seeds, err := filepath.Glob(path.Join(filepath.Dir(file), "testdata", "fuzz", f.Name.Name, "*"))
				require.NoError(t, err)
				if len(seeds) == 0 {
					bare = append(bare, folder+"."+f.Name.Name)
				}
				if !bounded(f) {
					boundless = append(boundless, folder+"."+f.Name.Name)
				}
			}
		}
	}
	slices.Sort(all)
	slices.Sort(bare)
	return all, bare, boundless
}

// bounded is whether what a target gives to Fuzz begins with fuzztest.Bound.
func bounded(target *ast.FuncDecl) (found bool) {
	ast.Inspect(target, func(n ast.Node) bool {
		first, ok := n.(*ast.DeferStmt)
		if !ok {
			return true
		}
		begin, ok := first.Call.Fun.(*ast.CallExpr)
		if !ok {
			return true
		}
		if selected, ok := begin.Fun.(*ast.SelectorExpr); ok {
			from, ok := selected.X.(*ast.Ident)
			found = found || ok && from.Name == "fuzztest" && selected.Sel.Name == "Bound"
		}
		return true
	})
	return found
}
