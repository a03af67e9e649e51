package judge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A tool's own schema can take the judge down with it no more (R12.2): each of these ended the process, or its patience.
func TestASchemaCannotTakeTheJudgeDown(t *testing.T) {
	fan := []string{}
	for i := range 60 {
		fan = append(fan, fmt.Sprintf(`"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]}`, i, i+1, i+1))
	}
	fan = append(fan, `"d60":{}`)
	many := "[" + strings.Repeat("1,", 100_000) + "1]"
	for name, c := range map[string]struct {
		schema, value string
		want          error
	}{
		"a reference to itself":     {`{"$ref":"#"}`, `{}`, errRecursive},
		"a circle":                  {`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}}}`, `{}`, errRecursive},
		"a circle in two spellings": {`{"$ref":"#/$defs/a~1","$defs":{"a/":{"$ref":"#/%24defs/a~1"}}}`, `{}`, errReference},
		"references that fan out":   {`{"$ref":"#/$defs/d0","$defs":{` + strings.Join(fan, ",") + `}}`, `{}`, errCostly},
		"a dynamic reference":       {`{"$dynamicRef":"#a","$dynamicAnchor":"a"}`, `{}`, errReference},
		"another document":          {`{"$ref":"https://example.org/schema"}`, `{}`, errReference},
		"many rules, many values":   {`{"items":{"allOf":[` + strings.Repeat(`{"minimum":0},`, 1000) + `{}]}}`, many, errCostly},
	} {
		began := time.Now()
		require.ErrorIs(t, validate([]byte(c.schema), []byte(c.value)), c.want, name)
		require.Less(t, time.Since(began), time.Second, name)
	}
	const honest = `{"type":"object","properties":{"a":{"$ref":"#/$defs/s"},"b":{"$ref":"#/$defs/s"}},"$defs":{"s":{"type":"string"}}}`
	require.NoError(t, validate([]byte(honest), []byte(`{"a":"x","b":"y"}`)), "references as schema generators write them")
	require.Error(t, validate([]byte(honest), []byte(`{"a":1}`)))
}
