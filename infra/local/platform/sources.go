package platform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// made are what tools leave beside the sources; what is in them changes no build.
var made = []string{"node_modules", ".next", "next-env.d.ts"}

// sources lists the files that a build reads, relative to root, in a fixed order.
func sources(root string) ([]string, error) {
	var files []string
	for _, folder := range []string{app, filepath.Join("gen", "ts")} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := entry.Name()
			if slices.Contains(made, name) || strings.HasSuffix(name, ".tsbuildinfo") || strings.HasPrefix(name, ".env") {
				if entry.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if !entry.Type().IsRegular() {
				return nil
			}
			relative, err := filepath.Rel(root, path)
			files = append(files, relative)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// fingerprint changes with any file's name or content.
func fingerprint(root string, files []string) (string, error) {
	sum := sha256.New()
	for _, file := range files {
		body, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return "", err
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n", file, len(body))
		sum.Write(body)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func copyAll(from, to string, files []string) error {
	for _, file := range files {
		body, err := os.ReadFile(filepath.Join(from, file))
		if err != nil {
			return err
		}
		target := filepath.Join(to, file)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// kept is how many builds stay in the cache: those of a few checkouts or branches.
const kept = 4

// prune deletes the oldest builds beyond kept, never the one in use; its own age is renewed.
func prune(used string) error {
	now := time.Now()
	if err := os.Chtimes(used, now, now); err != nil {
		return nil // another user's cache: theirs to tidy
	}
	builds, err := filepath.Glob(filepath.Join(filepath.Dir(used), "platform-????????????"))
	if err != nil {
		return err
	}
	age := map[string]int64{}
	for _, build := range builds {
		if info, err := os.Stat(build); err == nil && info.IsDir() {
			age[build] = info.ModTime().UnixNano()
		}
	}
	builds = slices.DeleteFunc(builds, func(build string) bool { return age[build] == 0 })
	slices.SortFunc(builds, func(a, b string) int { return int(min(1, max(-1, age[b]-age[a]))) })
	for _, old := range builds[min(kept, len(builds)):] {
		_ = os.Remove(old + ".lock")
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("delete an old build of the Platform: %w", err)
		}
	}
	return nil
}
