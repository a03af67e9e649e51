package skillkit_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/skills/internal/skillkit"
)

// issuer is an OIDC provider as far as a resource server sees one.
type issuer struct {
	*httptest.Server
	key     *rsa.PrivateKey
	fetches atomic.Int32
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	i := &issuer{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/jwks", "authorization_endpoint": i.URL, "token_endpoint": i.URL})
	})
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		i.fetches.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token signs claims; change may break header, claims or both first.
func (i *issuer) token(t *testing.T, change func(head, claims map[string]any)) string {
	t.Helper()
	head := map[string]any{"alg": "RS256", "kid": "k1", "typ": "at+jwt"}
	claims := map[string]any{"iss": i.URL, "aud": "chimera", "sub": "chimera-worker", "client_id": "chimera-worker", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix()}
	if change != nil {
		change(head, claims)
	}
	h, err := json.Marshal(head)
	require.NoError(t, err)
	c, err := json.Marshal(claims)
	require.NoError(t, err)
	signed := b64(h) + "." + b64(c)
	switch head["alg"] {
	case "none":
		return signed + "."
	case "HS256": // key confusion: the public key taken for a shared secret
		mac := hmac.New(sha256.New, i.key.N.Bytes())
		mac.Write([]byte(signed))
		return signed + "." + b64(mac.Sum(nil))
	}
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return signed + "." + b64(sig)
}

func TestOnlyNamedServicesMayCall(t *testing.T) {
	i := newIssuer(t)
	w := &world{}
	s, err := skillkit.New("fixture", "1", skillkit.Config{Issuer: i.URL, Audience: "chimera", AllowedCallers: []string{"chimera-worker"}}, nil)
	require.NoError(t, err)
	require.NoError(t, w.tools(t.Context(), s))
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	status := func(token string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, web.URL+"/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json, text/event-stream")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := web.Client().Do(req)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		return res.StatusCode
	}
	require.Equal(t, http.StatusOK, status(i.token(t, nil)))
	for name, change := range map[string]func(head, claims map[string]any){
		"another client": func(_, c map[string]any) { c["client_id"] = "chimera-platform" },
		"no client":      func(_, c map[string]any) { delete(c, "client_id") },
		"audience":       func(_, c map[string]any) { c["aud"] = "another" },
		"issuer":         func(_, c map[string]any) { c["iss"] = "http://127.0.0.1:1" },
		"expired":        func(_, c map[string]any) { c["exp"] = time.Now().Add(-time.Minute).Unix() },
		"id token":       func(h, _ map[string]any) { h["typ"] = "JWT" },
		"nonce":          func(_, c map[string]any) { c["nonce"] = "n" },
		"unsigned":       func(h, _ map[string]any) { h["alg"] = "none" },
		"key confusion":  func(h, _ map[string]any) { h["alg"] = "HS256" },
		"too large":      func(_, c map[string]any) { c["x"] = strings.Repeat("x", 9<<10) },
	} {
		require.Equal(t, http.StatusUnauthorized, status(i.token(t, change)), name)
	}
	require.Equal(t, http.StatusUnauthorized, status(""))
	require.Equal(t, http.StatusUnauthorized, status("rubbish"))
	good := i.token(t, nil)
	require.Equal(t, http.StatusUnauthorized, status(good[:len(good)-8]+"AAAAAAAA"))

	before := i.fetches.Load()
	for range 50 { // a flood of forged key ids
		require.Equal(t, http.StatusUnauthorized, status(i.token(t, func(h, _ map[string]any) { h["kid"] = "forged" })))
	}
	require.LessOrEqual(t, i.fetches.Load()-before, int32(1), "forged tokens must not become fetches")
	require.Equal(t, http.StatusOK, status(i.token(t, nil)))
}
