// Package vault seals account secrets with age (filippo.io/age, X25519). The identity lies in a file outside
// the database, so a stolen dump holds no secret (R11.4). In production the file is mounted by the secrets manager.
package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/secret"
)

// maxSecret bounds what is read back from a ciphertext, in bytes.
const maxSecret = 64 << 10

// Vault seals and opens; safe for concurrent use.
type Vault struct {
	identity  *age.X25519Identity
	recipient *age.X25519Recipient
}

// Open reads the identity file, and makes it when there is none. It refuses a file that others may read.
func Open(path string) (*Vault, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("vault identity: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("vault identity: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("vault identity %s may be read by others: chmod 600 it", filepath.Base(path))
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(raw)))
	if err != nil {
		return nil, errors.New("vault identity: not an age X25519 identity")
	}
	return &Vault{identity: identity, recipient: identity.Recipient()}, nil
}

func create(path string) (*Vault, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("vault identity: %w", err)
	}
	// O_EXCL: of two replicas that start at once, one makes the key and the other reads it.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return Open(path)
	}
	if err != nil {
		return nil, fmt.Errorf("vault identity: %w", err)
	}
	if _, err := f.WriteString(identity.String() + "\n"); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("vault identity: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("vault identity: %w", err)
	}
	return &Vault{identity: identity, recipient: identity.Recipient()}, nil
}

// Seal binds the secret to its tenant and account: moved to another row, it does not open.
func (v *Vault) Seal(tenant tenancy.ID, accountID, plain string) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, v.recipient)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if _, err := io.WriteString(w, frame(tenant, accountID)+plain); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

// Open answers the secret sealed for exactly this tenant and account.
func (v *Vault) Open(tenant tenancy.ID, accountID string, sealed []byte) (secret.String, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), v.identity)
	if err != nil {
		return secret.String{}, errors.New("open secret: it was sealed for another key, or changed")
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxSecret))
	if err != nil {
		return secret.String{}, errors.New("open secret: it was changed")
	}
	plain, bound := strings.CutPrefix(string(raw), frame(tenant, accountID))
	if !bound {
		return secret.String{}, errors.New("open secret: it was sealed for another tenant or account")
	}
	return secret.New(plain), nil
}

// frame cannot be forged by a secret's own text: it comes first and both ids have fixed length.
func frame(tenant tenancy.ID, accountID string) string {
	return "chimera.vault.v1\x00" + string(tenant) + "\x00" + accountID + "\x00"
}
