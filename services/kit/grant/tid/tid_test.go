package tid_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/grant/tid"
)

func TestIdsIncreaseWhenTheClockStepsBack(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	clock, err := tid.NewClock(func() time.Time { return at })
	require.NoError(t, err)
	first := clock.Next()
	got, err := tid.Time(first)
	require.NoError(t, err)
	require.Equal(t, at, got)
	at = at.Add(-time.Hour)
	require.Greater(t, clock.Next(), first)
}

func TestKnownId(t *testing.T) {
	// From the specification: its first valid example, and its examples of invalid syntax.
	_, err := tid.Time("3jzfcijpj2z2a")
	require.NoError(t, err)
	for _, bad := range []string{"", "3jzfcijpj2z21", "0000000000000", "3JZFCIJPJ2Z2A", "3jzfcijpj2z2aa", "zzzzzzzzzzzzz", "kjzfcijpj2z2a"} {
		_, err := tid.Time(bad)
		require.Error(t, err, bad)
	}
}
