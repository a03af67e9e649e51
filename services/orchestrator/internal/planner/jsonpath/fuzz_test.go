package jsonpath

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/fuzztest"
)

// FuzzGet follows any path through any JSON: what is found is a part of the value, with its numbers as written.
func FuzzGet(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1.10},null],"":{"x":1e400}}`), "a.0.b")
	f.Add([]byte(`[[[0]]]`), "0.0.0.0")
	f.Add([]byte(`{} {}`), "..")
	f.Fuzz(func(t *testing.T, raw []byte, path string) {
		defer fuzztest.Bound(t)()
		value, err := Decode(raw)
		if err != nil {
			return
		}
		require.True(t, json.Valid(raw))
		found, ok := Get(value, path)
		require.Equal(t, ok, found != nil)
		if ok {
			out, err := json.Marshal(found)
			require.NoError(t, err)
			require.LessOrEqual(t, len(out), 6*len(raw), "escapes at most")
		}
	})
}
