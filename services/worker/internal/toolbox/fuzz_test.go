package toolbox

import (
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"chimera/services/kit/fuzztest"
	"chimera/services/kit/toolmeta"
)

// FuzzAnswer takes any tool's result apart (R10.5): an effect is done, not done or unknown, an answer has an output or
// an error, and neither outgrows what a Result can carry.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"content":[],"structuredContent":{"a":1},"_meta":{"chimera/report":"{\"confidence\":1,\"basis\":\"b\"}","chimera/outcome":"done"}}`))
	f.Add([]byte(`{"content":[{"type":"text","text":"x"}],"isError":true,"_meta":{"chimera/error":"{\"kind\":\"Unavailable\",\"reason\":\"REASON_TIMEOUT\",\"message\":\"m\"}","chimera/outcome":"maybe"}}`))
	f.Add([]byte(`{"content":[{"type":"resource","resource":{"uri":"file:///etc/passwd","blob":"AA=="}}],"structuredContent":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		var res mcp.CallToolResult
		if json.Unmarshal(raw, &res) != nil {
			return
		}
		for _, effect := range []bool{false, true} {
			a := read(&res, effect)
			require.NotEqual(t, a.Output == nil, a.Err == nil)
			require.LessOrEqual(t, len(a.Output), maxOutput)
			if effect {
				require.Contains(t, []toolmeta.Outcome{toolmeta.Done, toolmeta.NotDone, toolmeta.Unknown}, a.Outcome)
			} else {
				require.Empty(t, a.Outcome)
			}
		}
	})
}
