package parts_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
)

const holdEnv = "CHIMERA_TEST_HOLD_PARTS"

// TestHoldParts is the child of the next test: it starts parts and waits to be killed.
func TestHoldParts(t *testing.T) {
	if os.Getenv(holdEnv) == "" {
		t.Skip("only as the child of TestPartsDieWithTheirParent")
	}
	fmt.Printf("pids %d %d\n", partstest.Redis(t).PID(), partstest.Postgres(t).PID())
	time.Sleep(time.Minute)
}

// kill -9 of a test binary or of the demo leaves nothing behind; its folder goes at the next run.
func TestPartsDieWithTheirParent(t *testing.T) {
	if testing.Short() || os.Getenv(holdEnv) != "" {
		t.Skip("starts a second set of parts")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestHoldParts$", "-test.v")
	cmd.Env = append(os.Environ(), holdEnv+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer cmd.Process.Kill()
	var pids [2]int
	for lines := bufio.NewScanner(out); pids[1] == 0 && lines.Scan(); {
		if at := strings.Index(lines.Text(), "pids "); at >= 0 {
			_, err := fmt.Sscanf(lines.Text()[at:], "pids %d %d", &pids[0], &pids[1])
			require.NoError(t, err)
		}
	}
	require.NotZero(t, pids[0])
	require.NotZero(t, pids[1])
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	for _, pid := range pids {
		require.Eventually(t, func() bool { return gone(pid) }, 10*time.Second, 50*time.Millisecond, "process %d", pid)
	}
}

// gone is true for a zombie too: who reaps an orphan is the machine's affair.
func gone(pid int) bool {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(body), ") Z ")
}
