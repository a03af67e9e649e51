package oidc

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/scrypt"
)

// User is one entry of the users file, which is a JSON array of them.
type User struct {
	Username     string `json:"username"`
	Sub          string `json:"sub"` // never reused for another person: tenancy hangs on it
	Email        string `json:"email"`
	Name         string `json:"name"`
	PasswordHash string `json:"password_hash"`
}

// HashPassword gives the users file's form of a password, "scrypt$N$r$p$salt$key", salted anew each time.
func HashPassword(password string) (string, error) {
	const n, r, p = 16384, 8, 1
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	key, err := scrypt.Key([]byte(password), salt, n, r, p, 32)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("scrypt$%d$%d$%d$%s$%s", n, r, p, encode(salt), encode(key)), nil
}
