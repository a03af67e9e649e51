package orchestrator

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/kit/secret"
)

// keySize is an Ed25519 seed's and an HMAC key's size, in bytes.
const keySize = 32

// readKey reads a base64 key of 32 bytes from a file, and makes it when there is none. Of two replicas that start
// at once one makes the key and the other reads it.
func readKey(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if raw, err = makeKey(path); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("key file %s: want %d bytes in base64", filepath.Base(path), keySize)
	}
	secret.Process().Add(strings.TrimSpace(string(raw)))
	return key, nil
}

func makeKey(path string) ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	// Written aside and linked into place: no reader ever sees half a key, and the first one wins.
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if _, err := tmp.WriteString(base64.StdEncoding.EncodeToString(key) + "\n"); err != nil {
		_ = tmp.Close()
		return nil, err
	}
	if err := tmp.Close(); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// signer opens the grant key.
func (c Config) signer() (*grant.Signer, error) {
	seed, err := readKey(c.GrantSeedFile)
	if err != nil {
		return nil, err
	}
	return grant.NewSigner(seed)
}

// publicKeys are the current grant key and the former ones, by key id.
func (c Config) publicKeys() (map[string]ed25519.PublicKey, error) {
	s, err := c.signer()
	if err != nil {
		return nil, err
	}
	keys := map[string]ed25519.PublicKey{grant.KeyID(s.Public()): s.Public()}
	for _, text := range c.FormerGrantKeys {
		key, err := grant.ParsePublic(strings.TrimSpace(text))
		if err != nil {
			return nil, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_FORMER_GRANT_KEYS holds something that is no public key in base64")
		}
		keys[grant.KeyID(key)] = key
	}
	return keys, nil
}

// PublicKey answers the grant key's public half in base64, for the skills' configuration.
func (c Config) PublicKey() (string, error) {
	s, err := c.signer()
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(s.Public()), nil
}
