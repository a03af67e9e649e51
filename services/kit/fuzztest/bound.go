// Package fuzztest bounds what one input of a fuzz target may cost. The go command notices crashes alone: an input that
// takes for ever uses up the target's time in silence, and one that takes a gigabyte passes (R12.2).
package fuzztest

import (
	"fmt"
	"runtime/metrics"
	"testing"
	"time"
)

// What one input may cost. Nothing from outside is larger than a few megabytes, and decoders are linear in it; the time
// is that of a machine on which several targets share a core.
const (
	maxTime  = 5 * time.Second
	maxAlloc = 256 << 20 // bytes allocated, freed or not
)

// Bound begins one input; what it answers ends it, and fails the test if more was allocated than may be. An input that
// takes too long ends the process, so that the go command keeps it as a crash.
//
//	f.Fuzz(func(t *testing.T, raw []byte) {
//		defer fuzztest.Bound(t)()
func Bound(t testing.TB) (end func()) { return bound(t, maxTime, maxAlloc) }

func bound(t testing.TB, longest time.Duration, most uint64) (end func()) {
	t.Helper()
	before := allocated()
	alarm := time.AfterFunc(longest, func() { panic(fmt.Sprintf("the input takes longer than %s", longest)) })
	return func() {
		t.Helper()
		alarm.Stop()
		if cost := allocated() - before; cost > most {
			t.Errorf("the input allocated %d MiB, more than %d", cost>>20, most>>20)
		}
	}
}

// allocated is read without stopping the program, unlike runtime.ReadMemStats: a target runs thousands of times a second.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
