package skillkit_test

import (
	"net/http/httptest"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/kit/control"
	"chimera/skills/internal/skillkit"
)

func TestMain(m *testing.M) { partstest.Main(m) }

// TestRealProvidersTokenIsAdmitted holds both ends against a real OIDC provider: the worker's way to a
// token, and the skill's way to check it.
func TestRealProvidersTokenIsAdmitted(t *testing.T) {
	provider := partstest.OIDC(t)
	w := &world{}
	s, err := skillkit.New("fixture", "1", skillkit.Config{Issuer: provider.URL, Audience: "chimera", AllowedCallers: []string{"chimera-worker"}}, nil)
	require.NoError(t, err)
	require.NoError(t, w.tools(t.Context(), s))
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	connect := func(id string) error {
		client := mcp.NewClient(&mcp.Implementation{Name: id, Version: "1"}, nil)
		session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
			Endpoint: web.URL + "/mcp", DisableStandaloneSSE: true,
			HTTPClient: control.Identity{Issuer: provider.URL, ClientID: id, Secret: partstest.ClientSecret}.HTTPClient(1),
		}, nil)
		if err != nil {
			return err
		}
		_, err = session.ListTools(t.Context(), nil)
		_ = session.Close()
		return err
	}
	require.NoError(t, connect("chimera-worker"))
	require.Error(t, connect("chimera-skill-publisher"), "a real token of another service")
}
