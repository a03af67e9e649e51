package planted

import (
	"encoding/json"
	"testing"

	"chimera/services/kit/fuzztest"
)

func FuzzBoundless(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer t.Log("read")
		_ = json.Valid(raw)
	})
}

func FuzzCareful(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		_ = json.Valid(raw)
	})
}
