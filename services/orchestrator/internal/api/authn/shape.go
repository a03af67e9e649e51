package authn

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// header is checked before any signature: nothing in a token may say where its own key is.
type header struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
}

var keyHeaders = []string{"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"}

func parseHeader(token string) (header, error) {
	var h header
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return h, errors.New("not a compact JWS")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return h, errors.New("header is not base64url")
	}
	names, err := members(raw)
	if err != nil {
		return h, fmt.Errorf("header: %w", err)
	}
	for _, name := range names {
		if slices.Contains(keyHeaders, name) {
			return h, fmt.Errorf("header has %q", name)
		}
	}
	return h, json.Unmarshal(raw, &h)
}

// members lists a JSON object's names in lower case, and refuses one that is there twice: encoding/json takes
// the last and ignores case, another parser the first.
func members(raw []byte) ([]string, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	var names []string
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		name = strings.ToLower(name)
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("%q is there twice", name)
		}
		names = append(names, name)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// claims are the ones go-oidc does not judge. Times are seconds since the epoch, fractions allowed.
type claims struct {
	Subject   string   `json:"sub"`
	Email     string   `json:"email"`
	Name      string   `json:"name"`
	Username  string   `json:"preferred_username"`
	ClientID  string   `json:"client_id"`
	AZP       string   `json:"azp"`
	Nonce     *string  `json:"nonce"`
	IssuedAt  *float64 `json:"iat"`
	NotBefore *float64 `json:"nbf"`
	Expires   *float64 `json:"exp"`
}

func at(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)) }

func (c claims) judge(cfg Config) error {
	now := cfg.Now()
	switch {
	case c.Nonce != nil:
		// A nonce marks an ID token: proof of a login at some client, no permission to call.
		return errors.New("nonce in an access token")
	case c.Expires == nil || !now.Before(at(*c.Expires)):
		return errors.New("expired, or without exp")
	case c.IssuedAt == nil:
		return errors.New("no iat")
	case at(*c.IssuedAt).After(now.Add(cfg.Skew)):
		return errors.New("iat is ahead")
	case now.Sub(at(*c.IssuedAt)) > cfg.MaxAge:
		return errors.New("too old")
	case c.NotBefore != nil && at(*c.NotBefore).After(now.Add(cfg.Skew)):
		return errors.New("nbf is ahead")
	case c.Subject == "" || len(c.Subject) > 200:
		return errors.New("no usable sub")
	case c.ClientID != "" && c.AZP != "" && c.ClientID != c.AZP:
		return errors.New("client_id and azp differ")
	}
	return nil
}

// name is at most 120 letters of one line.
func (c claims) name() string {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1 // it would turn other people's words round
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(cmp.Or(c.Name, c.Username), ""))
	name = strings.Join(strings.Fields(name), " ")
	if letters := []rune(name); len(letters) > 120 {
		name = string(letters[:120])
	}
	return name
}

func (c claims) client() string {
	if c.ClientID != "" {
		return c.ClientID
	}
	return c.AZP
}
