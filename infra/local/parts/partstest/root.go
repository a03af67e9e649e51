package partstest

import (
	"fmt"
	"os"
	"path/filepath"

	"chimera/infra/local/internal/install"
)

// newRoot makes the folder of this run, locked as long as this process lives.
func newRoot() (root string, release func(), err error) {
	root, err = os.MkdirTemp("", "chimera-test-")
	if err != nil {
		return "", nil, fmt.Errorf("test folder: %w", err)
	}
	if err := os.Chmod(root, 0o711); err != nil {
		return "", nil, fmt.Errorf("test folder: %w", err)
	}
	release, err = install.TryLock(filepath.Join(root, "alive"))
	if err != nil {
		return "", nil, fmt.Errorf("test folder: %w", err)
	}
	return root, release, nil
}

// sweep deletes the folders of runs that were killed: those whose lock nobody holds. A folder without
// a lock file may be one that is just being made.
func sweep() {
	roots, _ := filepath.Glob(filepath.Join(os.TempDir(), "chimera-test-*"))
	for _, root := range roots {
		file := filepath.Join(root, "alive")
		if _, err := os.Stat(file); err != nil {
			continue
		}
		if release, err := install.TryLock(file); err == nil {
			sweepCramped(root)
			_ = os.RemoveAll(root)
			release()
		}
	}
}
