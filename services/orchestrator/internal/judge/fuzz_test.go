package judge

import (
	"encoding/json"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/fuzztest"
)

// FuzzOutput judges whatever a tool may answer, as a proposal, as a draft and as an edit (R10.3): the verdict is always one
// that travels, and no effect passes without a person.
func FuzzOutput(f *testing.F) {
	f.Add(output(payload(nil)), []byte(`{"type":"object"}`))
	f.Add([]byte(`{"payload":{"text":"a","Text":"b","text":"c"}}`), []byte(`{"type":"object","properties":{"payload":{"type":"string"}}}`))
	f.Add([]byte(`{"text":"{\"a\":1}","langs":["en"]}`), []byte(`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}`))
	f.Add([]byte(`[`), []byte(`{"pattern":"(a+)+$"}`))
	f.Fuzz(func(t *testing.T, out, toolSchema []byte) {
		defer fuzztest.Bound(t)()
		for _, c := range []Case{proposal(nil), draft("x")} {
			c.Result.OutputJson, c.OutputSchema = out, toolSchema
			v := Judge(c)
			d := v.Decision
			require.NoError(t, protovalidate.Validate(d))
			if c.Task.GetSpec().GetKind() == busv1.TaskKind_TASK_KIND_EFFECT {
				require.NotEqual(t, busv1.Verdict_VERDICT_APPROVED, d.GetVerdict(), "%s", out)
			}
		}
		for _, check := range Edit(proposal(nil), out) {
			require.NotEmpty(t, check.GetName())
		}
		_ = validate(toolSchema, out)
		_ = json.Valid(out)
	})
}
