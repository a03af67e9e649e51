package e2e_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// hostileRequests: oversize, deep, compressed and broken ones are answered with typed errors, quickly, and cost the
// server nothing that lasts.
func hostileRequests(t *testing.T, w *world.World) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, err := z.Write([]byte(`{"name":"` + strings.Repeat("a", 64<<20) + `"}`))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	deep := strings.Repeat(`{"persona":`, 20_000) + "1" + strings.Repeat("}", 20_000)
	for name, c := range map[string]struct {
		body     []byte
		encoding string
		status   []int
		code     []string
	}{
		// The control: an honest request to the same place, in the same way, is taken.
		"honest":        {[]byte(`{"name":"honest","persona":{"voice":"plain","language":"en"}}`), "", []int{200}, []string{""}},
		"oversize":      {[]byte(`{"name":"` + strings.Repeat("a", 5<<20) + `"}`), "", []int{400, 413, 429}, []string{"invalid_argument", "resource_exhausted"}},
		"deep":          {[]byte(deep), "", []int{400}, []string{"invalid_argument"}},
		"gzip bomb":     {bomb.Bytes(), "gzip", []int{404, 415, 501}, []string{"unimplemented"}},
		"no JSON":       {[]byte(`{"name":`), "", []int{400}, []string{"invalid_argument"}},
		"not UTF-8":     {[]byte("{\"name\":\"\xff\xfe\"}"), "", []int{400}, []string{"invalid_argument"}},
		"unknown field": {[]byte(`{"nome":"x"}`), "", []int{400}, []string{"invalid_argument"}},
		"no body":       {nil, "", []int{400}, []string{"invalid_argument"}},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.PublicURL()+"/chimera.platform.v1.AgentService/CreateAgent", bytes.NewReader(c.body))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+w.Token("olga"))
			req.Header.Set("Content-Type", "application/json")
			if c.encoding != "" {
				req.Header.Set("Content-Encoding", c.encoding)
			}
			req.Close = true
			began := time.Now()
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			defer func() { _ = res.Body.Close() }()
			raw, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.Less(t, time.Since(began), 5*time.Second)
			require.Contains(t, c.status, res.StatusCode, "%s", raw)
			require.NotEmpty(t, res.Header.Get("Chimera-Request-Id"), "every answer carries its request's id (R14.4)")
			var answer struct{ Code, Message string }
			require.NoError(t, json.Unmarshal(raw, &answer), "%s", raw)
			require.Contains(t, c.code, answer.Code, "%s", raw)
			require.NotContains(t, string(raw), "goroutine")
		})
	}
}
