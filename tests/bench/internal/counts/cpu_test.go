package counts

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStatIsReadPastAnyCommandName(t *testing.T) {
	for _, name := range []string{"(postgres)", "(a b)", "(a) R 9 (b)"} {
		p, err := parseStat("42 " + name + " S 7 42 42 0 -1 4194560 100 200 0 0 150 50 30 20 20 0 1 0 12345 1000 500")
		require.NoError(t, err, name)
		require.Equal(t, process{pid: 42, parent: 7, own: 2 * time.Second, reaped: 500 * time.Millisecond}, p, name)
	}
	for _, broken := range []string{"", "42", "42 (x) S 1", "x (x) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 30 20 20"} {
		_, err := parseStat(broken)
		require.Error(t, err, broken)
	}
}

func TestTreeCountsEveryProcessOnce(t *testing.T) {
	all := map[int]process{
		1: {pid: 1, parent: 0, own: time.Hour},
		2: {pid: 2, parent: 1, own: 1, reaped: 10},
		3: {pid: 3, parent: 2, own: 100},
		4: {pid: 4, parent: 3, own: 1000, reaped: 10000},
		5: {pid: 5, parent: 1, own: 100000},
	}
	require.Equal(t, time.Duration(11111), tree(all, 2), "not the parent, not the neighbour")
	require.Equal(t, time.Duration(111111), tree(all, 2, 5))
	require.Zero(t, tree(all, 99), "one that ended")
}

func TestMachineTimeLeavesOutWhatWasIdle(t *testing.T) {
	// user nice system idle iowait irq softirq steal guest guest_nice: guest time is within user time already.
	got, err := parseMachine("cpu  100 20 30 5000 400 5 6 7 50 0\ncpu0 1 2 3")
	require.NoError(t, err)
	require.Equal(t, 1680*time.Millisecond, got)
	_, err = parseMachine("intr 1 2 3")
	require.Error(t, err)
}

func TestOthersIsWhatNobodyOfOursUsed(t *testing.T) {
	c := CPU{Ours: 300 * time.Millisecond, Postgres: 200 * time.Millisecond, Redis: 100 * time.Millisecond, Client: 100 * time.Millisecond, Machine: time.Second}
	require.InDelta(t, 0.15, c.Others(time.Second, 2), 1e-9, "300 of 2000 ms")
	require.Zero(t, CPU{Ours: time.Second}.Others(time.Second, 2), "rounding of ticks is no negative load")
	require.Equal(t, CPU{Ours: 200 * time.Millisecond, Postgres: 200 * time.Millisecond, Redis: 100 * time.Millisecond, Client: 100 * time.Millisecond, Machine: time.Second}, c.Sub(CPU{Ours: 100 * time.Millisecond}))
}

func TestThisProcessIsSeenWorking(t *testing.T) {
	before, err := ReadCPU([]int{os.Getpid()}, 0, 0)
	require.NoError(t, err)
	for end := time.Now().Add(10 * time.Second); ; {
		for range 1_000_000 {
			_ = time.Now()
		}
		now, err := ReadCPU([]int{os.Getpid()}, 0, 0)
		require.NoError(t, err)
		used := now.Sub(before)
		if used.Ours >= 10*tick {
			// The kernel counts a processor's ticks and a process' by samples of their own: on a busy machine they differ.
			require.GreaterOrEqual(t, used.Machine+4*tick, used.Client)
			require.GreaterOrEqual(t, used.Ours, used.Client)
			break
		}
		require.True(t, time.Now().Before(end), "a busy process used %s", used.Ours)
	}
	require.Positive(t, RSS(os.Getpid()))
}

func TestCommandsAreSummedWithoutOurOwnQuestion(t *testing.T) {
	info := "# Commandstats\r\ncmdstat_xadd:calls=30,usec=1,usec_per_call=0.1\r\ncmdstat_info:calls=7,usec=9\r\ncmdstat_xreadgroup:calls=5,usec=1\r\n"
	require.Equal(t, int64(35), parseCommands(info))
	require.Zero(t, parseCommands(""))
}
