package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// weaviate asks the memory store as its owner may, and answers what it said.
func weaviate(t *testing.T, w *world.World, method, path string, body any) []byte {
	t.Helper()
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(encoded(t, body))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, w.Weaviate.URL+"/v1"+path, content)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+w.Weaviate.APIKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Less(t, res.StatusCode, 300, "%s %s: %s", method, path, raw)
	return raw
}

// memories reads every object of every tenant in every collection, and the schema.
func memories(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	raw := weaviate(t, w, http.MethodGet, "/schema", nil)
	look("schema", raw)
	var schema struct{ Classes []struct{ Class string } }
	require.NoError(t, json.Unmarshal(raw, &schema))
	remembered := 0
	for _, class := range schema.Classes {
		var tenants []struct{ Name string }
		require.NoError(t, json.Unmarshal(weaviate(t, w, http.MethodGet, "/schema/"+class.Class+"/tenants", nil), &tenants))
		for _, tenant := range tenants {
			query := url.Values{"class": {class.Class}, "tenant": {tenant.Name}, "limit": {"1000"}}
			raw := weaviate(t, w, http.MethodGet, "/objects?"+query.Encode(), nil)
			look(class.Class+" of "+tenant.Name, raw)
			var page struct{ Objects []json.RawMessage }
			require.NoError(t, json.Unmarshal(raw, &page))
			remembered += len(page.Objects)
		}
	}
	require.NotZero(t, remembered, "what was posted is remembered")
	t.Logf("Weaviate: %d objects", remembered)
}
