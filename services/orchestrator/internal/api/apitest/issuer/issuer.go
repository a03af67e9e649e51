// Package issuer is an identity provider for tests: it serves real discovery and keys over HTTP and signs real
// tokens, valid ones and, for those who ask, any others.
package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

// Issuer has one key per algorithm; its kid is the algorithm's name.
type Issuer struct {
	URL string
	// Fetches counts how often the key set was asked for.
	Fetches atomic.Int64
	// Down makes every answer a 503.
	Down atomic.Bool
	// Padding is white space in front of the key set, in bytes.
	Padding atomic.Int64

	t    testing.TB
	mu   sync.Mutex
	keys map[string]crypto.Signer
}

// New starts an issuer that stops with the test.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t, keys: map[string]crypto.Signer{"RS256": RSAKey(t)}}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	i.keys["ES256"], i.keys["EdDSA"] = ec, ed
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/jwks", "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "EdDSA", "HS256"},
		})
	})
	mux.HandleFunc("GET /jwks", i.jwks)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.Down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// RSAKey makes a key that nobody knows.
func RSAKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return key
}

func (i *Issuer) jwks(w http.ResponseWriter, _ *http.Request) {
	i.Fetches.Add(1)
	var set jose.JSONWebKeySet
	i.mu.Lock()
	for kid, key := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Use: "sig"})
	}
	i.mu.Unlock()
	space := make([]byte, 1<<10)
	for k := range space {
		space[k] = ' '
	}
	for n := i.Padding.Load(); n > 0; n -= int64(len(space)) {
		if _, err := w.Write(space); err != nil {
			return
		}
	}
	answer(w, set)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// AddKey publishes another RSA key under kid, as a rotation does.
func (i *Issuer) AddKey(kid string, key *rsa.PrivateKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys[kid] = key
}

// Public is the public half of the key of that name.
func (i *Issuer) Public(kid string) crypto.PublicKey { return i.Signer(kid).Public() }

// Signer is the key of that name.
func (i *Issuer) Signer(kid string) crypto.Signer {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[kid]
}

// Claims are those of a valid access token of a person, issued now for five minutes.
func (i *Issuer) Claims(subject string) map[string]any {
	now := time.Now().Unix()
	return map[string]any{
		"iss": i.URL, "sub": subject, "aud": "chimera", "client_id": "chimera-cli", "email": subject + "@example.test",
		"iat": now, "exp": now + 300, "jti": "t",
	}
}

// ServiceClaims are those of a service's token by client credentials.
func (i *Issuer) ServiceClaims(client string) map[string]any {
	c := i.Claims(client)
	c["client_id"] = client
	delete(c, "email")
	return c
}

// Token signs claims as an RS256 access token.
func (i *Issuer) Token(claims map[string]any) string {
	return i.Sign(map[string]any{"alg": "RS256", "kid": "RS256", "typ": "at+jwt"}, claims)
}

// Sign signs with the key that the header's kid names.
func (i *Issuer) Sign(header, claims map[string]any) string {
	kid, _ := header["kid"].(string)
	return i.SignRaw(encode(i.t, header), encode(i.t, claims), i.Signer(kid))
}

// SignRaw signs exact bytes, such as claims with a name twice.
func (i *Issuer) SignRaw(header, claims string, key crypto.Signer) string {
	i.t.Helper()
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	return input + "." + b64(signature(i.t, key, []byte(input)))
}

func signature(t testing.TB, key crypto.Signer, input []byte) []byte {
	t.Helper()
	digest := sha256.Sum256(input)
	switch k := key.(type) {
	case *rsa.PrivateKey:
		s, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, digest[:])
		require.NoError(t, err)
		return s
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, k, digest[:])
		require.NoError(t, err)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case ed25519.PrivateKey:
		return ed25519.Sign(k, input)
	}
	require.FailNow(t, "no such key")
	return nil
}

func encode(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
