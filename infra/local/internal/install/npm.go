package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// Tree is one pinned npm install.
type Tree struct {
	Name  string // cache folder prefix
	Files fs.FS  // package.json, package-lock.json and scripts, one of each base name
	Note  string // said before a cold install: what it is and what it costs
	Env   []string
	// Finish runs after npm ci, in the install folder, before it counts as complete.
	Finish func(ctx context.Context, dir string) error
}

// NPM returns the folder that holds the tree's node_modules, installing it if this lockfile never was.
// Package scripts never run: what they would do is done by Finish, where it can be read.
func NPM(ctx context.Context, tree Tree, say func(string)) (string, error) {
	key, err := lockfile(tree.Files)
	if err != nil {
		return "", err
	}
	return Once(ctx, tree.Name, key, say, func(dir string) error {
		start := time.Now()
		say("installing " + tree.Note)
		if err := copyFiles(tree.Files, dir); err != nil {
			return fmt.Errorf("install %s: %w", tree.Name, err)
		}
		log := filepath.Join(filepath.Dir(dir), tree.Name+".install.log")
		err := Run(ctx, dir, log, tree.Env, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error")
		if errors.Is(err, ErrTool) {
			return fmt.Errorf("install %s: Node 20 or newer with npm is needed (Debian: apt-get install nodejs npm): %w", tree.Name, err)
		}
		if err != nil {
			return fmt.Errorf("install %s: %w", tree.Name, err)
		}
		if tree.Finish != nil {
			if err := tree.Finish(ctx, dir); err != nil {
				return fmt.Errorf("install %s: %w", tree.Name, err)
			}
		}
		say(fmt.Sprintf("installed %s in %.0f s", tree.Name, time.Since(start).Seconds()))
		return nil
	})
}

// Present says whether the tree is installed.
func Present(tree Tree) bool {
	key, err := lockfile(tree.Files)
	if err != nil {
		return false
	}
	dir, err := folder(tree.Name, key)
	return err == nil && exists(dir)
}

// NPMRun runs one more npm step inside an install folder, for Finish.
func NPMRun(ctx context.Context, tree Tree, dir string, env []string, args ...string) error {
	return Run(ctx, dir, filepath.Join(filepath.Dir(dir), tree.Name+".install.log"), env, "npm", args...)
}

func lockfile(files fs.FS) (string, error) {
	found := ""
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "package-lock.json" {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		return "", fmt.Errorf("no package-lock.json in the embedded tree: %w", errors.Join(err, fs.ErrNotExist))
	}
	body, err := fs.ReadFile(files, found)
	return string(body), err
}
