package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPlansAreMadeAnewByUseAndByTime(t *testing.T) { // R12.2
	at := time.Now()
	age, due := planAge{}.used(at)
	require.False(t, due, "a new connection has nothing to forget")
	var anew []int
	for n := 2; n <= 1000; n++ {
		if age, due = age.used(at); due {
			anew = append(anew, n)
		}
	}
	require.Equal(t, []int{8, 16, 32, 64, 128, 256, 512}, anew)
	age, due = age.used(at.Add(plansLive))
	require.True(t, due, "however little it did")
	_, due = age.used(at.Add(plansLive))
	require.False(t, due)
}
