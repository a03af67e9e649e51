package parts_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
	"chimera/infra/local/parts/partstest"
)

func TestWeaviateKeepsItsSchemaOverKillAndDemandsItsKey(t *testing.T) {
	server := partstest.ExclusiveWeaviate(t)
	requireLoopback(t, server.URL)
	schema := server.URL + "/v1/schema"
	status, _ := call(t, http.MethodGet, schema, "", nil)
	require.Equal(t, http.StatusUnauthorized, status)
	status, out := call(t, http.MethodPost, schema, server.APIKey, map[string]any{"class": "Kept"})
	require.Equal(t, http.StatusOK, status, out)
	require.NoError(t, server.Kill())
	require.NoError(t, server.Start(t.Context()))
	status, out = call(t, http.MethodGet, schema+"/Kept", server.APIKey, nil)
	require.Equal(t, http.StatusOK, status, out)
	require.NoError(t, server.Stop(t.Context()))
}

func TestWeaviateThatIsNotInstalledIsATypedError(t *testing.T) {
	t.Setenv("CHIMERA_WEAVIATE_BIN", "/nonexistent/weaviate-server")
	_, err := parts.Weaviate(t.Context(), parts.WeaviateOptions{Options: parts.Options{Dir: t.TempDir()}})
	require.ErrorIs(t, err, parts.ErrAbsent)
}
