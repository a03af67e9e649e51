package atproto

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/ledger"
)

const (
	scopeAccess  = "com.atproto.appPass" // what an app password's session carries
	scopeRefresh = "com.atproto.refresh"
	refreshTTL   = 90 * 24 * time.Hour
)

var (
	errInvalidToken = errors.New("Token could not be verified") //nolint:staticcheck // the real server's words
	errExpiredToken = errors.New("Token has expired")           //nolint:staticcheck // the real server's words
	errTokenScope   = errors.New("Bad token scope")             //nolint:staticcheck // the real server's words
)

type claims struct {
	Scope     string `json:"scope"`
	Subject   string `json:"sub"` // DID
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	ID        string `json:"jti"`
}

var jwtHeader = encodeSegment([]byte(`{"alg":"HS256","typ":"at+jwt"}`))

func encodeSegment(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func (a *API) issue(did, scope string, ttl time.Duration) string {
	now := a.Now()
	payload, _ := json.Marshal(claims{Scope: scope, Subject: did, IssuedAt: now.Unix(), // strings and ints: cannot fail
		ExpiresAt: now.Add(ttl).Unix(), ID: rand.Text()})
	signed := jwtHeader + "." + encodeSegment(payload)
	return signed + "." + encodeSegment(a.sign(signed))
}

func (a *API) sign(signed string) []byte {
	mac := hmac.New(sha256.New, a.Secret)
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

func (a *API) verify(token, scope string) (claims, error) {
	signed, signature, ok := cutLast(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if !ok || err != nil || !hmac.Equal(raw, a.sign(signed)) {
		return claims{}, errInvalidToken
	}
	_, payload, _ := strings.Cut(signed, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(payload)
	var c claims
	if err != nil || json.Unmarshal(decoded, &c) != nil {
		return claims{}, errInvalidToken
	}
	if c.Scope != scope {
		return claims{}, errTokenScope
	}
	if a.Now().Unix() >= c.ExpiresAt {
		return claims{}, errExpiredToken
	}
	return c, nil
}

// authenticate answers by itself when it returns false.
func (a *API) authenticate(w http.ResponseWriter, r *http.Request, scope string) (account.Account, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		fail(w, http.StatusUnauthorized, "AuthMissing", "Authentication Required")
		return account.Account{}, false
	}
	c, err := a.verify(token, scope)
	if errors.Is(err, errExpiredToken) {
		badRequest(w, "ExpiredToken", "%s", err)
		return account.Account{}, false
	}
	if err != nil {
		badRequest(w, "InvalidToken", "%s", err) // 400 and not 401: as the real one
		return account.Account{}, false
	}
	found, ok := a.Accounts.Find(ledger.Bluesky, c.Subject)
	if !ok {
		badRequest(w, "InvalidToken", "%s", errInvalidToken)
	}
	return found, ok
}

// identify names a request's account for the log and the faults, whatever its token's fitness.
func (a *API) identify(r *http.Request) (string, string) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, scope := range []string{scopeAccess, scopeRefresh} {
		if c, err := a.verify(token, scope); err == nil {
			found, _ := a.Accounts.Find(ledger.Bluesky, c.Subject)
			return found.ID, found.Handle
		}
	}
	return "", ""
}

func cutLast(s, sep string) (string, string, bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
