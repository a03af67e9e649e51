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

// maxAccounts bounds what a careless script may add: ten times the logins of the largest chaos run fit.
const maxAccounts = 250_000

// Directory holds the logins; safe for concurrent use.
type Directory struct {
	mu       sync.RWMutex
	accounts []Account
	// Where each is in accounts, by platform and handle, platform and id, and Mastodon token.
	byHandle, byID map[[2]string]int
	byToken        map[[sha256.Size]byte]int
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
	return a, d.put(a)
}

func (d *Directory) put(a Account) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, known := d.byHandle[[2]string{a.Platform, a.Handle}]
	if !known {
		at = len(d.accounts)
	}
	// Hashed, so that how long a look takes tells nothing of the token.
	token, hasToken := sha256.Sum256([]byte(a.Token)), a.Platform == ledger.Mastodon
	if other, taken := d.byID[[2]string{a.Platform, a.ID}]; taken && other != at {
		return fmt.Errorf("%s account %s has the id of %s", a.Platform, a.Handle, d.accounts[other].Handle)
	}
	if other, taken := d.byToken[token]; taken && hasToken && other != at {
		return fmt.Errorf("%s account %s has the token of %s", a.Platform, a.Handle, d.accounts[other].Handle)
	}
	switch {
	case known:
		old := d.accounts[at]
		delete(d.byID, [2]string{old.Platform, old.ID})
		delete(d.byToken, sha256.Sum256([]byte(old.Token)))
		d.accounts[at] = a
	case len(d.accounts) >= maxAccounts:
		return fmt.Errorf("there are %d accounts already", maxAccounts)
	case d.byHandle == nil:
		d.byHandle, d.byID, d.byToken = map[[2]string]int{}, map[[2]string]int{}, map[[sha256.Size]byte]int{}
		fallthrough
	default:
		d.accounts = append(d.accounts, a)
	}
	d.byHandle[[2]string{a.Platform, a.Handle}], d.byID[[2]string{a.Platform, a.ID}] = at, at
	if hasToken {
		d.byToken[token] = at
	}
	return nil
}

// Find takes a handle or an id.
func (d *Directory) Find(platform, name string) (Account, bool) {
	name = strings.TrimPrefix(name, "@")
	d.mu.RLock()
	defer d.mu.RUnlock()
	at, ok := d.byID[[2]string{platform, name}]
	if !ok {
		at, ok = d.byHandle[[2]string{platform, strings.ToLower(name)}]
	}
	if !ok {
		return Account{}, false
	}
	return d.accounts[at], true
}

// Login checks a Bluesky password.
func (d *Directory) Login(name, password string) (Account, bool) {
	a, ok := d.Find(ledger.Bluesky, name)
	return a, ok && subtle.ConstantTimeCompare([]byte(a.Password), []byte(password)) == 1
}

// ByToken finds a Mastodon account by its bearer token.
func (d *Directory) ByToken(token string) (Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	at, ok := d.byToken[sha256.Sum256([]byte(token))]
	if !ok {
		return Account{}, false
	}
	return d.accounts[at], true
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

func derivedID(platform, handle string) string {
	sum := sha256.Sum256([]byte(handle))
	if platform == ledger.Bluesky {
		return "did:plc:" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:15]))
	}
	return strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])>>16|1, 10)
}
