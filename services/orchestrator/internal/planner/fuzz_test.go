package planner

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
)

// FuzzPlaybook reads any YAML: what is accepted makes plans whose steps come after what they depend on.
func FuzzPlaybook(f *testing.F) {
	paths, err := filepath.Glob("playbooks/*.yaml")
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Add([]byte("name: x\nnodes: [{key: a, depends_on: [a]}]"))
	f.Add([]byte("a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		b, err := parse(raw)
		if err != nil {
			return
		}
		before := map[string]bool{}
		for _, s := range b.ordered {
			for _, d := range s.DependsOn {
				require.True(t, before[d], "%s before %s", s.Key, d)
			}
			before[s.Key] = true
		}
		require.Len(t, before, len(b.Nodes))
	})
}

// FuzzTemplate binds outputs of strangers' making into a template of any kind: arguments that come out are canonical
// JSON within bounds, and tainted when an output that went in was.
func FuzzTemplate(f *testing.F) {
	nodes := plan(f, campaign())
	for _, n := range nodes {
		f.Add([]byte(n.Arguments), []byte(`{"trends":[{"title":"t","url":"https://a.example/"}],"text":"x","payload":{"text":"x"}}`))
	}
	f.Add([]byte(`{"a":{"$from":"collect.output.trends","limit":1,"fields":["title"],"max_chars":2}}`), []byte(`{"trends":[{"title":"Ünïcödé","x":1}]}`))
	f.Add([]byte(`{"$from":"collect.output.0.0"}`), []byte(`[[[[[[]]]]]]`))
	f.Fuzz(func(t *testing.T, template, output []byte) {
		defer fuzztest.Bound(t)()
		n := node(t, nodes, "draft:"+campaign().Accounts[0].ID)
		n.Arguments = json.RawMessage(template)
		outputs := map[string]Output{}
		for _, d := range n.DependsOn {
			outputs[d] = Output{JSON: output, Method: "m", Tainted: true}
		}
		bound, err := Bind(n, campaign(), outputs)
		if err != nil {
			_ = errs.KindOf(err)
			return
		}
		require.True(t, json.Valid(bound.ArgumentsJSON))
		require.LessOrEqual(t, len(bound.ArgumentsJSON), MaxArgumentsBytes)
		again, err := Bind(n, campaign(), outputs)
		require.NoError(t, err)
		require.Equal(t, bound, again)
	})
}
