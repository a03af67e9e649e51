package main

import "testing"

// FuzzPlatform reads the platform out of any arguments, before their schema is looked at.
func FuzzPlatform(f *testing.F) {
	f.Add([]byte(`{"platform":"bluesky"}`))
	f.Add([]byte(`{"platform":{},"PLATFORM":"x"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if platformOf(raw) != "" && len(raw) < len(`{"platform":""}`) {
			t.Fatalf("%q names no platform", raw)
		}
	})
}
