package fuzztest

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const planted = "CHIMERA_TEST_PLANTED_INPUT"

var kept []byte

// The planted bugs: an input that never ends and one that takes what it is given are told apart from an honest one. Each
// runs in a process of its own, as a fuzz worker does.
func TestDearInputIsFound(t *testing.T) {
	for name, finding := range map[string]string{"honest": "", "slow": "takes longer than 1s", "large": "allocated 8 MiB, more than 4"} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestOneInput$")
			cmd.Env = append(os.Environ(), planted+"="+name)
			out, err := cmd.CombinedOutput()
			if finding == "" {
				require.NoError(t, err, "%s", out)
				return
			}
			require.Error(t, err)
			require.Contains(t, string(out), finding)
		})
	}
}

func TestOneInput(t *testing.T) {
	defer bound(t, time.Second, 4<<20)()
	switch os.Getenv(planted) {
	case "slow":
		select {}
	case "large":
		kept = make([]byte, 8<<20)
	}
}
