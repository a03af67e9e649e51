package skillkittest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"chimera/services/kit/toolmeta"
	"chimera/skills/internal/skillkit"
)

// Snapshot holds every tool as a client sees it against dir/<tool>.json: what changes here changes the
// tool's digest and must be accepted anew by an operator. UPDATE_SNAPSHOTS=1 rewrites the files.
func Snapshot(t *testing.T, server *skillkit.Server, dir string) {
	t.Helper()
	list, err := Connect(t, server).ListTools(t.Context(), &mcp.ListToolsParams{})
	require.NoError(t, err)
	update := os.Getenv("UPDATE_SNAPSHOTS") == "1"
	if update {
		require.NoError(t, os.MkdirAll(dir, 0o755))
	}
	seen := map[string]bool{}
	for _, tool := range list.Tools {
		seen[tool.Name+".json"] = true
		digest, canonical, err := toolmeta.Descriptor(server.Name(), tool.Name, tool.Description, tool.InputSchema, tool.OutputSchema, tool.Annotations)
		require.NoError(t, err)
		own, _ := server.Digest(tool.Name)
		require.Equal(t, own, digest, "%s: client and server see different tools", tool.Name)
		require.NotNil(t, tool.Annotations.DestructiveHint, "%s: absent means true to clients", tool.Name)
		require.NotNil(t, tool.Annotations.OpenWorldHint, "%s: absent means true to clients", tool.Name)
		var want bytes.Buffer
		require.NoError(t, json.Indent(&want, canonical, "", "  "))
		want.WriteByte('\n')
		path := filepath.Join(dir, tool.Name+".json")
		if update {
			require.NoError(t, os.WriteFile(path, want.Bytes(), 0o644))
			continue
		}
		have, err := os.ReadFile(path)
		require.NoError(t, err, "no snapshot of %s; write it with UPDATE_SNAPSHOTS=1", tool.Name)
		require.Equal(t, string(have), want.String(), "tool %s changed: its digest will have to be accepted anew", tool.Name)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".json") && !seen[f.Name()] {
			t.Errorf("snapshot %s belongs to no tool", f.Name())
		}
	}
}
