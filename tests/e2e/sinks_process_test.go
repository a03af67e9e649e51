package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// ownVariables are the variables by which processes are given their own secrets; whatever else is in an environment is no secret.
var ownVariables = []string{
	"CHIMERA_DATABASE_URL", "CHIMERA_SYSTEM_DATABASE_URL", "CHIMERA_REDIS_URL", "CHIMERA_WEAVIATE_API_KEY",
	"CHIMERA_CLIENT_SECRET", "CHIMERA_PLATFORM_CLIENT_SECRET", "CHIMERA_SESSION_SECRET",
}

// ofProcesses: whoever may list processes reads their arguments; who runs as the same user, their environments.
func ofProcesses(t *testing.T, w *world.World, file string, look func(where string, text []byte)) {
	t.Helper()
	for _, name := range append(w.Processes(), world.PlatformName) {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", w.Process(name).PID(), file))
		require.NoError(t, err)
		look(name, raw)
	}
}

func withoutOwn(environment []byte) []byte {
	variables := bytes.Split(environment, []byte{0})
	return bytes.Join(slices.DeleteFunc(variables, func(v []byte) bool {
		name, _, _ := strings.Cut(string(v), "=")
		return slices.Contains(ownVariables, name)
	}), []byte{0})
}

// nobodyElses: no process is given another's secret, so what it keeps for itself is only its own.
func nobodyElses(t *testing.T, w *world.World) {
	t.Helper()
	holders := map[string][]string{}
	ofProcesses(t, w, "environ", func(name string, text []byte) {
		kind := strings.TrimRight(name, "-0123456789")
		for variable := range strings.SplitSeq(string(text), "\x00") {
			if key, value, _ := strings.Cut(variable, "="); slices.Contains(ownVariables, key) && !slices.Contains(holders[value], kind) {
				holders[value] = append(holders[value], kind)
			}
		}
	})
	require.GreaterOrEqual(t, len(holders), 10)
	for value, kinds := range holders {
		if !strings.HasPrefix(value, "redis://") { // the queue's is shared by those who use it
			require.Len(t, kinds, 1, "two kinds of processes are given the same secret")
			continue
		}
		require.ElementsMatch(t, []string{"orchestrator", "worker"}, kinds)
	}
}
