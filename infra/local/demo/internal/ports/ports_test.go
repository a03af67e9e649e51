package ports_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/ports"
)

func open(t *testing.T) folder.Folder {
	t.Helper()
	f, err := folder.Open(t.TempDir())
	require.NoError(t, err)
	return f
}

// occupy listens on a port that no other test uses, and gives it.
func occupy(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func TestPortsStayTheSameFromStartToStart(t *testing.T) {
	f := open(t)
	wants := []ports.Want{{Name: "a", Default: 21710}, {Name: "b", Default: 21710}}
	first, err := ports.Choose(f, wants, 0)
	require.NoError(t, err)
	require.NotEqual(t, first["a"], first["b"], "two names never share a port")
	wants[0].Default = 21790
	second, err := ports.Choose(f, wants, 0)
	require.NoError(t, err)
	require.Equal(t, first, second, "a remembered port wins over a default")
}

func TestATakenPortIsMovedAndTheMoveRemembered(t *testing.T) {
	f, taken := open(t), occupy(t)
	first, err := ports.Choose(f, []ports.Want{{Name: "a", Default: taken}, {Name: "pinned", Default: taken, Pinned: true}}, 0)
	require.NoError(t, err)
	require.Greater(t, first["a"], taken)
	require.Greater(t, first["pinned"], first["a"], "before anything refers to it, a pinned port moves as well")
	second, err := ports.Choose(f, []ports.Want{{Name: "a", Default: taken}}, 0)
	require.NoError(t, err)
	require.Equal(t, first["a"], second["a"])
}

func TestAPinnedPortThatIsTakenLaterIsAnError(t *testing.T) {
	f, taken := open(t), occupy(t)
	require.NoError(t, f.WriteJSON("ports.json", map[string]int{"sandbox": taken, "other": taken}))
	_, err := ports.Choose(f, []ports.Want{{Name: "sandbox", Default: 7400, Pinned: true}}, 0)
	require.ErrorContains(t, err, "the demo's data points to it (sandbox)")
	moved, err := ports.Choose(f, []ports.Want{{Name: "other", Default: 7400}}, 0)
	require.NoError(t, err)
	require.NotEqual(t, taken, moved["other"])
}

func TestAPortOfAProcessThatIsEndingIsWaitedFor(t *testing.T) {
	f := open(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, f.WriteJSON("ports.json", map[string]int{"sandbox": port}))
	time.AfterFunc(200*time.Millisecond, func() { _ = listener.Close() })
	chosen, err := ports.Choose(f, []ports.Want{{Name: "sandbox", Default: 7400, Pinned: true}}, 10*time.Second)
	require.NoError(t, err)
	require.Equal(t, port, chosen["sandbox"])
}

func TestThePortOfWhatTheDemoDoesNotStartStaysWhileItRuns(t *testing.T) { // a Platform outlives a restart of the demo
	f, taken := open(t), occupy(t)
	wants := []ports.Want{{Name: "platform", Default: taken, Other: true}, {Name: "a", Default: taken}}
	first, err := ports.Choose(f, wants, 0)
	require.NoError(t, err)
	require.NotEqual(t, taken, first["platform"], "at first a stranger has it")
	require.NoError(t, f.WriteJSON("ports.json", map[string]int{"platform": taken}))
	second, err := ports.Choose(f, wants, 10*time.Second)
	require.NoError(t, err)
	require.Equal(t, taken, second["platform"])
	require.NotEqual(t, taken, second["a"])
}
