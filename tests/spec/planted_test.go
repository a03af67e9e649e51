package spec_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The planted bugs: what the checks of this package must be able to see.
func TestPlantedMistakesAreFound(t *testing.T) {
	said := map[string]string{}
	collect("package p;\n\n// S says.\nservice S {\n  // Two\n  // lines.\n  rpc Do(A) returns (B) {\n    option (x) = Y;\n  }\n  rpc Bare(A) returns (B) {}\n}\n\nmessage M {\n  // a text\n  string text = 1;\n  repeated p.Other others = 2;\n}\n", said)
	require.Equal(t, map[string]string{"p.S": "S says.", "p.S.Do": "Two lines.", "p.M.text": "a text"}, said)

	require.Equal(t, []string{"the-one-path", "rls-in-two-locks", "x"}, anchors("# The one path\n```\n# no heading\n```\n## RLS, in two `locks`\n<a id=\"x\">"))
	require.True(t, exists([]string{"services/kit/errs/errs.go"}, "services/kit"))
	require.True(t, exists([]string{"services/kit/errs/errs.go"}, "services/*/errs"))
	require.False(t, exists([]string{"services/kit/errs/errs.go"}, "services/ki"))

	got := target.FindAllStringSubmatch("demo smoke: x\n\ttouch y\nVAR := a:b\n.PHONY: no\nup:\n", -1)
	require.Len(t, got, 2)
	require.Equal(t, "demo smoke", got[0][1])
	require.Equal(t, "task test", makeWord.ReplaceAllString("task make -s test", "$1"))

	vars := variables(t, "x.go", "package x\n\ntype c struct {\n\t// A and B.\n\tA string `env:\"A\" envDefault:\"1\"`\n\tB string `env:\"B,required\"`\n\n\tC string `env:\"C\"`\n\tD string `env:\"-\"`\n}\n")
	require.Equal(t, []variable{{"CHIMERA_A", "`1`", "A and B.\n", "."}, {"CHIMERA_B", "**required**", "A and B.\n", "."}, {"CHIMERA_C", "", "", "."}}, vars)
}
