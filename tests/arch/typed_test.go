package arch_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is one package, parsed and type-checked: names are resolved, not guessed from their spelling.
type source struct {
	path  string
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
}

// orchestrator is the graph with compiled export data, by one call of go list.
var orchestrator = sync.OnceValues(func() (graph, error) {
	return list("-deps", "-export", "./services/orchestrator/...")
})

// check type-checks the orchestrator's packages that accept names; their imports come from export data.
func check(t *testing.T, accept func(p goPackage) bool) []source {
	t.Helper()
	g, err := orchestrator()
	require.NoError(t, err)
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(g[path].Export) })
	var out []source
	for path, p := range g {
		if !within(path, "chimera/services/orchestrator") || !accept(p) {
			continue
		}
		s := source{path: path, fset: fset, info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			require.NoError(t, err)
			s.files = append(s.files, file)
		}
		_, err := (&types.Config{Importer: imports}).Check(path, fset, s.files, s.info)
		require.NoError(t, err)
		out = append(out, s)
	}
	require.NotEmpty(t, out)
	return out
}

// functions calls fn for every function of the package, and with nil for what stands outside of all.
func (s source) functions(fn func(decl *ast.FuncDecl, body ast.Node)) {
	for _, file := range s.files {
		for _, d := range file.Decls {
			decl, _ := d.(*ast.FuncDecl)
			fn(decl, d)
		}
	}
}

func (s source) where(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return filepath.Base(filepath.Dir(p.Filename)) + "/" + filepath.Base(p.Filename) + ":" + token.Position{Line: p.Line, Column: p.Column}.String()
}
