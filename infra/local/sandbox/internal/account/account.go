// Package account knows who may log in to the sandbox platforms.
package account

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"chimera/infra/local/sandbox/internal/ledger"
)

// Account is one login. Password counts on Bluesky, Token on Mastodon.
type Account struct {
	Platform    string `json:"platform"`
	Handle      string `json:"handle"`
	ID          string `json:"id"` // DID or numeric id; "" is derived from the handle
	Password    string `json:"password,omitempty"`
	Token       string `json:"token,omitempty"`
	DisplayName string `json:"display_name"`
	Bot         bool   `json:"bot,omitempty"`
}

var (
	handlePattern = map[string]*regexp.Regexp{
		ledger.Bluesky:  regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`),
		ledger.Mastodon: regexp.MustCompile(`^[a-z0-9_]+([.-][a-z0-9_]+)*$`),
	}
	idPattern = map[string]*regexp.Regexp{
		ledger.Bluesky:  regexp.MustCompile(`^did:plc:[a-z0-9]{1,64}$`),
		ledger.Mastodon: regexp.MustCompile(`^[1-9][0-9]{0,17}$`),
	}
)

const maxAccounts = 10_000

// Directory holds the logins; safe for concurrent use.
type Directory struct {
	mu       sync.RWMutex
	accounts []Account
}

// Add validates a and puts it in place of one with the same platform and handle. Errors name the field.
func (d *Directory) Add(a Account) (Account, error) {
	pattern := handlePattern[a.Platform]
	if pattern == nil {
		return Account{}, fmt.Errorf("platform %.40q must be %s or %s", a.Platform, ledger.Bluesky, ledger.Mastodon)
	}
	if len(a.Handle) > 253 || !pattern.MatchString(a.Handle) {
		return Account{}, fmt.Errorf("handle %.80q is not a %s handle (lower case; Bluesky: a domain name)", a.Handle, a.Platform)
	}
	if a.ID == "" {
		a.ID = derivedID(a.Platform, a.Handle)
	}
	if !idPattern[a.Platform].MatchString(a.ID) {
		return Account{}, fmt.Errorf("id %.80q of %s is not did:plc:… (Bluesky) or a number (Mastodon)", a.ID, a.Handle)
	}
	if a.Platform == ledger.Bluesky && a.Password == "" || a.Platform == ledger.Mastodon && a.Token == "" {
		return Account{}, fmt.Errorf("%s account %s needs a password (Bluesky) or a token (Mastodon)", a.Platform, a.Handle)
	}
	if a.DisplayName == "" {
		a.DisplayName = a.Handle
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, old := range d.accounts {
		if old.Platform == a.Platform && old.Handle == a.Handle {
			d.accounts[i] = a
			return a, nil
		}
		if old.Platform == a.Platform && (old.ID == a.ID || a.Token != "" && old.Token == a.Token) {
			return Account{}, fmt.Errorf("%s account %s has the id or token of %s", a.Platform, a.Handle, old.Handle)
		}
	}
	if len(d.accounts) >= maxAccounts {
		return Account{}, fmt.Errorf("there are %d accounts already", maxAccounts)
	}
	d.accounts = append(d.accounts, a)
	return a, nil
}

// Find takes a handle or an id.
func (d *Directory) Find(platform, name string) (Account, bool) {
	name = strings.TrimPrefix(name, "@")
	return d.first(func(a Account) bool {
		return a.Platform == platform && (a.ID == name || strings.EqualFold(a.Handle, name))
	})
}

// Login checks a Bluesky password.
func (d *Directory) Login(name, password string) (Account, bool) {
	a, ok := d.Find(ledger.Bluesky, name)
	return a, ok && subtle.ConstantTimeCompare([]byte(a.Password), []byte(password)) == 1
}

// ByToken finds a Mastodon account by its bearer token.
func (d *Directory) ByToken(token string) (Account, bool) {
	return d.first(func(a Account) bool {
		return a.Platform == ledger.Mastodon && subtle.ConstantTimeCompare([]byte(a.Token), []byte(token)) == 1
	})
}

// List shows all accounts without their secrets.
func (d *Directory) List() []Account {
	d.mu.RLock()
	defer d.mu.RUnlock()
	all := make([]Account, len(d.accounts))
	for i, a := range d.accounts {
		a.Password, a.Token = "", ""
		all[i] = a
	}
	return all
}

func (d *Directory) first(match func(Account) bool) (Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, a := range d.accounts {
		if match(a) {
			return a, true
		}
	}
	return Account{}, false
}

func derivedID(platform, handle string) string {
	sum := sha256.Sum256([]byte(handle))
	if platform == ledger.Bluesky {
		return "did:plc:" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:15]))
	}
	return strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])>>16|1, 10)
}
