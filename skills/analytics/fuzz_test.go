package main

import (
	"testing"

	"chimera/services/kit/fuzztest"
)

// FuzzPlatform reads the platform out of any arguments, before their schema is looked at.
func FuzzPlatform(f *testing.F) {
	f.Add([]byte(`{"platform":"bluesky"}`))
	f.Add([]byte(`{"platform":{},"PLATFORM":"x"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		if platformOf(raw) != "" && len(raw) < len(`{"platform":""}`) {
			t.Fatalf("%q names no platform", raw)
		}
	})
}
