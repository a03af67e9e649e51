package measure_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/bench/internal/measure"
)

func mib(values ...int64) []int64 {
	for i := range values {
		values[i] <<= 20
	}
	return values
}

func TestMemoryThatGrowsIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		looks []int64
		flat  bool
	}{
		"flat":                  {mib(90, 100, 100, 100, 101, 99, 100, 102, 100), true},
		"warming up":            {mib(20, 40, 60, 100, 100, 100, 101, 101, 101), true},
		"one collection late":   {mib(100, 100, 100, 100, 100, 100, 100, 190, 100), true},
		"growing":               {mib(100, 110, 120, 130, 140, 150, 160, 170, 180), false},
		"too few to say so":     {mib(100, 100, 100), false},
		"within the slack":      {mib(10, 10, 10, 10, 10, 10, 17, 17, 17), true},
		"small, but it doubles": {mib(10, 10, 10, 10, 10, 10, 20, 20, 20), false},
	} {
		err := measure.Samples{"worker": c.looks}.Flat(io.Discard)
		require.Equal(t, c.flat, err == nil, "%s: %v", name, err)
	}
}
