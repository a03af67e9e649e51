package platform

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, file := range append(files, "apps/platform/app/page.tsx", "gen/ts/src/a.ts") {
		path := filepath.Join(root, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(file), 0o644))
	}
	return root
}

func print(t *testing.T, root string) string {
	t.Helper()
	files, err := sources(root)
	require.NoError(t, err)
	key, err := fingerprint(root, files)
	require.NoError(t, err)
	return key
}

// What tools leave in the tree must not cost a build, and no secret of a developer may get into one.
func TestOnlySourcesCount(t *testing.T) {
	clean := tree(t)
	used := tree(t, "apps/platform/.next/server/x.js", "apps/platform/node_modules/next/index.js", "apps/platform/tsconfig.tsbuildinfo",
		"apps/platform/next-env.d.ts", "apps/platform/.env.local")
	require.Equal(t, print(t, clean), print(t, used))
	files, err := sources(used)
	require.NoError(t, err)
	require.Len(t, files, 2)
}

func TestEveryChangeOfASourceIsSeen(t *testing.T) {
	root := tree(t)
	before := print(t, root)
	require.NoError(t, os.Rename(filepath.Join(root, "gen/ts/src/a.ts"), filepath.Join(root, "gen/ts/src/b.ts")))
	renamed := print(t, root)
	require.NotEqual(t, before, renamed)
	require.NoError(t, os.WriteFile(filepath.Join(root, "gen/ts/src/b.ts"), []byte("other"), 0o644))
	require.NotEqual(t, renamed, print(t, root))
}

func TestOldBuildsGo(t *testing.T) {
	cache := t.TempDir()
	var builds []string
	for i := range kept + 2 {
		build := filepath.Join(cache, "platform-00000000000"+string(rune('0'+i)))
		require.NoError(t, os.Mkdir(build, 0o755))
		age := time.Now().Add(time.Duration(i-10) * time.Hour)
		require.NoError(t, os.Chtimes(build, age, age))
		builds = append(builds, build)
	}
	packages := filepath.Join(cache, "platform-packages-000000000000")
	require.NoError(t, os.Mkdir(packages, 0o755))
	require.NoError(t, prune(builds[0]), "the oldest, but in use")
	require.DirExists(t, builds[0])
	require.NoDirExists(t, builds[1])
	require.NoDirExists(t, builds[2])
	for _, build := range append(builds[3:], packages) {
		require.DirExists(t, build)
	}
}
