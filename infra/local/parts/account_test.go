package parts_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
)

// A checkout below root's home is closed to the account that PostgreSQL runs as; it must work all the same.
func TestPostgresUnderRootInAClosedFolderKeepsItsDataElsewhere(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root runs PostgreSQL under another account")
	}
	closed := filepath.Join(t.TempDir(), "home")
	require.NoError(t, os.Mkdir(closed, 0o700))
	options := parts.PostgresOptions{Options: parts.Options{Dir: filepath.Join(closed, "pg")}}
	server, err := parts.Postgres(t.Context(), options)
	require.NoError(t, err)
	defer server.Kill()
	home := query[string](t, server.URL, "SELECT current_setting('data_directory')")
	require.Contains(t, home, "/var/lib/chimera/postgres-")
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Dir(home))) })
	require.NoError(t, server.Stop(t.Context()))
	again, err := parts.Postgres(t.Context(), options)
	require.NoError(t, err)
	defer again.Kill()
	require.Equal(t, home, query[string](t, again.URL, "SELECT current_setting('data_directory')"), "the same folder finds its data again")
}
