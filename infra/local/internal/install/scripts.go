package install

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Scripts writes the tree's *.mjs files into a folder of their own inside the install, so that they find
// its node_modules; the folder is named by their content, so a changed script needs no new install and
// two checkouts with different scripts do not disturb each other.
func Scripts(files fs.FS, home string) (string, error) {
	names, err := fs.Glob(files, "*.mjs")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	bodies := map[string][]byte{}
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
		bodies[name] = body
	}
	dir := filepath.Join(home, "run-"+hex.EncodeToString(sum.Sum(nil)[:6]))
	if exists(dir) {
		return dir, nil
	}
	work, err := os.MkdirTemp(home, "run-partial-")
	if err != nil {
		return "", fmt.Errorf("scripts: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	for name, body := range bodies {
		if err := os.WriteFile(filepath.Join(work, name), body, 0o644); err != nil {
			return "", fmt.Errorf("scripts: %w", err)
		}
	}
	if err := os.Rename(work, dir); err != nil && !exists(dir) {
		return "", fmt.Errorf("scripts: %w", err)
	}
	return dir, nil
}
