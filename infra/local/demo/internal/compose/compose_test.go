package compose

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesBelowLocalhostAreLoopback(t *testing.T) {
	for addr, want := range map[string]string{
		"oidc.localhost:7320": "127.0.0.1:7320", "Sandbox.LOCALHOST.:1": "127.0.0.1:1",
		"localhost:1": "localhost:1", "evil-localhost:1": "evil-localhost:1", "localhost.example:1": "localhost.example:1", "no port.localhost": "no port.localhost",
	} {
		require.Equal(t, want, loopback(addr))
	}
}

func TestAddressesAreReadFromTheComposeFile(t *testing.T) {
	var doc document
	require.NoError(t, json.Unmarshal([]byte(`{"services":{"orchestrator":{"environment":{"A":"b"},
		"ports":[{"mode":"ingress","host_ip":"127.0.0.1","target":7700,"published":"7360","protocol":"tcp"}]}}}`), &doc))
	require.Equal(t, "http://127.0.0.1:7360", doc.published("orchestrator", 7700))
	require.Empty(t, doc.published("orchestrator", 1))
	require.Empty(t, doc.published("nobody", 7700))
}
