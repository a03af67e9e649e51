package parts

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretFile reads a generated secret of 32 hex bytes from dir, making it at the first call.
func secretFile(dir, name string) (string, error) {
	file := filepath.Join(dir, name)
	body, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(body)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("secret file: %w", err)
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	secret := hex.EncodeToString(raw)
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("secret file: %w", err)
	}
	return secret, nil
}

// makeDir makes a part's folder: closed to others, except that under root the account that a part runs
// as must be able to pass through it.
func makeDir(path string) (string, error) {
	if path == "" {
		return "", errors.New("Options.Dir is empty: give the part a folder for its data")
	}
	dir, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	mode := fs.FileMode(0o700)
	if os.Getuid() == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return dir, nil
}
