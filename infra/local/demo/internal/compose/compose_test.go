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

// What the probe found becomes what is wrong; the planted mistakes are one place too many, one too few and a way out.
func TestProbesAreJudged(t *testing.T) { // R6.3, R6.4
	r := reach{"worker", []place{redis, innerAPI}, []place{postgres}, false}
	require.Empty(t, r.judge([]string{"redis:6379", "orchestrator:7701"}, nil))
	require.Equal(t, []string{"worker does not reach orchestrator:7701", "worker reaches postgres:5432", "worker may leave by bus"},
		r.judge([]string{"redis:6379", "postgres:5432"}, []string{"bus"}))
	require.Equal(t, []string{"worker does not reach redis:6379", "worker does not reach orchestrator:7701"}, r.judge(nil, nil), "a probe that cannot see passes nothing")
	for _, r := range reaches {
		require.NotEmpty(t, r.yes, "%s has no control", r.service)
	}
}
