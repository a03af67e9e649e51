package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Once fills the cache folder name-<key> by calling fill on an empty work folder beside it, which then
// takes the final name in one rename: a folder that is there is complete, whenever the machine died.
func Once(ctx context.Context, name, key string, say func(string), fill func(dir string) error) (string, error) {
	dir, err := folder(name, key)
	if err != nil {
		return "", err
	}
	if exists(dir) {
		return dir, nil
	}
	release, err := lock(ctx, dir+".lock", say)
	if err != nil {
		return "", err
	}
	defer release()
	if exists(dir) {
		return dir, nil
	}
	work := dir + ".partial"
	if err := os.RemoveAll(work); err != nil {
		return "", fmt.Errorf("clear an interrupted install: %w", err)
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return "", fmt.Errorf("install folder: %w", err)
	}
	if err := fill(work); err != nil {
		return "", err
	}
	if err := os.Rename(work, dir); err != nil {
		return "", fmt.Errorf("finish install: %w", err)
	}
	return dir, nil
}

func folder(name, key string) (string, error) {
	cache, err := Dir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(cache, name+"-"+hex.EncodeToString(sum[:6])), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// copyFiles writes package.json and package-lock.json of the tree into dir.
func copyFiles(files fs.FS, dir string) error {
	return fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		body, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, filepath.Base(path)), body, 0o644)
	})
}
