package parts_test

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
)

// Between the choice of a port and the server that binds it somebody else may choose: within one process and from another.
func TestNoPortIsChosenTwice(t *testing.T) {
	const each = 400
	if dir := os.Getenv("CHIMERA_CHOOSE_PORTS_IN"); dir != "" {
		for i := range each {
			port, err := parts.ChoosePort(dir, strconv.Itoa(i))
			require.NoError(t, err)
			_, _ = os.Stdout.WriteString("port " + strconv.Itoa(port) + "\n")
		}
		_, _ = os.Stdout.WriteString("end\n")
		_, _ = os.Stdin.Read(make([]byte, 1)) // hold them until the others have chosen
		return
	}
	seen := map[string]int{}
	var lock sync.Mutex
	choose := func(port string) {
		lock.Lock()
		defer lock.Unlock()
		seen[port]++
	}
	var all sync.WaitGroup
	for range 2 {
		other := exec.Command(os.Args[0], "-test.run=^TestNoPortIsChosenTwice$")
		other.Env = append(os.Environ(), "CHIMERA_CHOOSE_PORTS_IN="+t.TempDir())
		hold, err := other.StdinPipe()
		require.NoError(t, err)
		said, err := other.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, other.Start())
		t.Cleanup(func() { _ = hold.Close(); _ = other.Wait() })
		all.Go(func() {
			for lines := bufio.NewScanner(said); lines.Scan(); {
				if port, ok := strings.CutPrefix(lines.Text(), "port "); ok {
					choose(port)
				}
				if strings.HasPrefix(lines.Text(), "end") {
					break
				}
			}
		})
	}
	for range 2 {
		dir := t.TempDir()
		all.Go(func() {
			for i := range each {
				port, err := parts.ChoosePort(dir, strconv.Itoa(i))
				if err == nil {
					choose(strconv.Itoa(port))
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, 4*each, len(seen)) // not the ports themselves: a wall of numbers
	for port, n := range seen {
		require.Equal(t, 1, n, "port %s", port)
	}
}

// A server that starts again asks for its own port again.
func TestAPortIsRemembered(t *testing.T) {
	dir := t.TempDir()
	first, err := parts.ChoosePort(dir, "port")
	require.NoError(t, err)
	again, err := parts.ChoosePort(dir, "port")
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = parts.ChoosePort(dir, "other", first)
	require.NoError(t, err)
}
