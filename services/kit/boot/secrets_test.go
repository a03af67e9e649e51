package boot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
)

// unset gives the variables back as they were when the test ends.
func unset(t *testing.T, names ...string) {
	for _, name := range names {
		t.Setenv(name, "")
		require.NoError(t, os.Unsetenv(name))
	}
}

func TestSecretsComeFromFiles(t *testing.T) { // R11.4: a secret stands in no container's description
	unset(t, "CHIMERA_DATABASE_URL", "CHIMERA_OTHER")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "CHIMERA_DATABASE_URL"), []byte("postgres://app:geheim-1234@db/x\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "users.json"), []byte("[]"), 0o600))
	// Kubernetes mounts secrets as links.
	require.NoError(t, os.Mkdir(filepath.Join(dir, "..data"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "..data", "CHIMERA_OTHER"), []byte("two\nlines\n"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join("..data", "CHIMERA_OTHER"), filepath.Join(dir, "CHIMERA_OTHER")))

	var known secret.Set
	require.NoError(t, readSecrets(dir, &known))
	require.Equal(t, "postgres://app:geheim-1234@db/x", os.Getenv("CHIMERA_DATABASE_URL"))
	require.Equal(t, "two\nlines", os.Getenv("CHIMERA_OTHER"))
	require.Empty(t, os.Getenv("users.json"))
	require.NotContains(t, known.RedactString("url=postgres://app:geheim-1234@db/x"), "geheim")
	require.NoError(t, readSecrets("", &known))
}

func TestSecretsThatAreUnclearAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, dir string)
		want    string
	}{
		"set twice": {func(t *testing.T, dir string) {
			t.Setenv("CHIMERA_X", "a")
			require.NoError(t, os.WriteFile(filepath.Join(dir, "CHIMERA_X"), []byte("b"), 0o600))
		}, "set by the environment and by a file"},
		"too large": {func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "CHIMERA_X"), []byte(strings.Repeat("x", maxSecretFile+1)), 0o600))
		}, "CHIMERA_X cannot be read"},
		"a folder": {func(t *testing.T, dir string) { require.NoError(t, os.Mkdir(filepath.Join(dir, "CHIMERA_X"), 0o700)) }, "CHIMERA_X cannot be read"},
		"binary": {func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "CHIMERA_X"), []byte("a\x00b"), 0o600))
		}, "holds what no variable can"},
		"no folder": {func(t *testing.T, dir string) { require.NoError(t, os.Remove(dir)) }, "CHIMERA_SECRETS_DIR cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			unset(t, "CHIMERA_X")
			dir := t.TempDir()
			c.prepare(t, dir)
			err := readSecrets(dir, &secret.Set{})
			require.ErrorContains(t, err, c.want)
			require.Equal(t, errs.Invalid, errs.KindOf(err), "a wrong configuration, not a failure")
		})
	}
}
