package folder

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

const secretsFile = "secrets.json"

// Secrets are generated once per folder and kept: passwords, client secrets and tokens by name.
type Secrets struct {
	folder Folder
	values map[string]string
}

// Secrets reads the folder's secrets. It refuses a file that others may read.
func (f Folder) Secrets() (*Secrets, error) {
	s := &Secrets{folder: f, values: map[string]string{}}
	info, err := os.Stat(f.Path(secretsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read by others: chmod 600 it, or delete the folder to start anew with new secrets", f.Path(secretsFile))
	}
	return s, f.ReadJSON(secretsFile, &s.values)
}

// Make generates the named secrets that do not exist yet and keeps them.
func (s *Secrets) Make(names ...string) error {
	fresh := false
	for _, name := range names {
		if s.values[name] == "" {
			s.values[name], fresh = generate(), true
		}
	}
	if !fresh {
		return nil
	}
	return s.folder.WriteJSON(secretsFile, s.values)
}

// Get gives a secret; "" if it was never made.
func (s *Secrets) Get(name string) string { return s.values[name] }

// generate makes 100 random bits in five groups that a person can read and type.
func generate() string {
	raw := make([]byte, 13)
	_, _ = rand.Read(raw)
	text := strings.ToLower(base32.StdEncoding.EncodeToString(raw))[:20]
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:]
}
