package authn_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/api/apitest/issuer"
	"chimera/services/orchestrator/internal/api/authn"
)

type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func setup(t *testing.T) (*issuer.Issuer, *authn.Verifier, *clock) {
	t.Helper()
	is, c := issuer.New(t), &clock{}
	v, err := authn.New(authn.Config{
		Issuer: is.URL, People: []string{"chimera-cli", "chimera-platform"}, Workers: []string{"chimera-worker"},
		Skills: []string{"chimera-skill-publisher"}, Now: c.now,
	})
	require.NoError(t, err)
	return is, v, c
}

func bearer(token string) []string { return []string{"Bearer " + token} }

func TestGoodTokens(t *testing.T) {
	is, v, _ := setup(t)
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		id, err := v.Verify(t.Context(), bearer(is.Sign(map[string]any{"alg": alg, "kid": alg, "typ": "at+jwt"}, is.Claims("ada"))))
		require.NoError(t, err, alg)
		require.True(t, id.Expires.After(time.Now()), "what ends an open stream (F-30)")
		id.Expires = time.Time{}
		require.Equal(t, authn.Identity{Subject: "ada", Email: "ada@example.test", ClientID: "chimera-cli"}, id)
		require.True(t, id.Person())
		require.Equal(t, "ada", id.Actor())
	}
	id, err := v.Verify(t.Context(), []string{"bearer " + is.Sign(map[string]any{"alg": "RS256", "kid": "RS256", "typ": "application/AT+JWT"}, is.ServiceClaims("chimera-worker"))})
	require.NoError(t, err)
	require.Equal(t, typev1.Permission_PERMISSION_WORKER, id.Service)
	require.Equal(t, "service:worker", id.Actor())
	id, err = v.Verify(t.Context(), bearer(is.Token(is.ServiceClaims("chimera-skill-publisher"))))
	require.NoError(t, err)
	require.Equal(t, "service:skill:chimera-skill-publisher", id.Actor())
	require.False(t, id.Person())
}

// TestBadTokens: R13.2, reliability §1.5 and row 56: every one is the same Unauthenticated answer.
func TestBadTokens(t *testing.T) {
	is, v, _ := setup(t)
	_, err := v.Verify(t.Context(), bearer(is.Token(is.Claims("ada"))))
	require.NoError(t, err, "the tokens below differ from this one in one thing each")

	for name, token := range badTokens(t, is) {
		t.Run(name, func(t *testing.T) {
			_, err := v.Verify(t.Context(), token)
			require.Error(t, err)
			require.Equal(t, errs.Unauthenticated, errs.KindOf(err), err)
			require.Equal(t, "sign in again: the access token is missing or not valid", errs.As(err).Public)
		})
	}
	require.GreaterOrEqual(t, len(badTokens(t, is)), 25)
	t.Logf("%d bad tokens, 0 accepted", len(badTokens(t, is)))
}

func badTokens(t *testing.T, is *issuer.Issuer) map[string][]string {
	t.Helper()
	now := time.Now().Unix()
	header := map[string]any{"alg": "RS256", "kid": "RS256", "typ": "at+jwt"}
	claim := func(name string, value any) []string {
		c := is.Claims("ada")
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return bearer(is.Sign(header, c))
	}
	head := func(name string, value any) []string {
		h := maps.Clone(header)
		if h[name] = value; value == nil {
			delete(h, name)
		}
		return bearer(is.SignRaw(text(t, h), text(t, is.Claims("ada")), is.Signer("RS256")))
	}
	good := is.Token(is.Claims("ada"))
	parts := strings.Split(good, ".")
	stranger := issuer.RSAKey(t)
	return map[string][]string{
		"none given": nil, "two headers": {"Bearer " + good, "Bearer " + good}, "empty": {""}, "basic": {"Basic " + good}, "no token": {"Bearer "},
		"not a token": bearer("x"), "two parts": bearer(parts[0] + "." + parts[1]), "five parts": bearer(good + "..x"),
		"one megabyte": bearer(strings.Repeat("a", 1<<20)), "valid but over 8 KiB": claim("padding", strings.Repeat("p", 8<<10)),
		"alg none":               bearer(b64(text(t, map[string]any{"alg": "none", "typ": "at+jwt"})) + "." + parts[1] + "."),
		"alg none with sig":      bearer(b64(text(t, map[string]any{"alg": "none", "typ": "at+jwt"})) + "." + parts[1] + "." + parts[2]),
		"HS256 with public key":  hs256(t, is),
		"RS512":                  head("alg", "RS512"),
		"PS256":                  head("alg", "PS256"),
		"ES256 header, RSA sig":  head("alg", "ES256"),
		"signature of others":    bearer(is.SignRaw(text(t, header), text(t, is.Claims("ada")), stranger)),
		"signature cut":          bearer(parts[0] + "." + parts[1] + "."),
		"claims swapped":         bearer(parts[0] + "." + b64(text(t, is.Claims("eve"))) + "." + parts[2]),
		"unknown kid":            bearer(is.SignRaw(text(t, map[string]any{"alg": "RS256", "kid": "nobody", "typ": "at+jwt"}), text(t, is.Claims("ada")), stranger)),
		"ID token's typ":         head("typ", "JWT"),
		"no typ":                 head("typ", nil),
		"embedded jwk":           head("jwk", map[string]any{"kty": "oct", "k": "AA"}),
		"jku":                    head("jku", is.URL+"/jwks"),
		"x5u":                    head("x5u", is.URL),
		"x5c":                    head("x5c", []string{"AA"}),
		"crit":                   head("crit", []string{"exp"}),
		"header twice":           bearer(is.SignRaw(`{"alg":"RS256","alg":"RS256","kid":"RS256","typ":"at+jwt"}`, text(t, is.Claims("ada")), is.Signer("RS256"))),
		"wrong issuer":           claim("iss", "https://issuer.example"),
		"no issuer":              claim("iss", nil),
		"wrong audience":         claim("aud", "somebody-else"),
		"no audience":            claim("aud", nil),
		"two audiences":          claim("aud", []string{"chimera", "somebody-else"}),
		"wrong client":           claim("client_id", "somebody-else"),
		"no client":              claim("client_id", nil),
		"azp of another client":  claim("azp", "chimera-platform"),
		"expired":                claim("exp", now-1),
		"no exp":                 claim("exp", nil),
		"no iat":                 claim("iat", nil),
		"iat tomorrow":           claim("iat", now+86400),
		"two hours old":          claim("iat", now-7200),
		"nbf in four minutes":    claim("nbf", now+240),
		"nonce":                  claim("nonce", "n-1"),
		"empty nonce":            claim("nonce", ""),
		"no subject":             claim("sub", nil),
		"long subject":           claim("sub", strings.Repeat("s", 201)),
		"person as client":       claim("sub", "chimera-cli"),
		"person at worker":       claim("client_id", "chimera-worker"),
		"times as text":          claim("exp", "soon"),
		"subject twice":          bearer(is.SignRaw(text(t, header), strings.Replace(text(t, is.Claims("ada")), `"sub":"ada"`, `"sub":"eve","sub":"ada"`, 1), is.Signer("RS256"))),
		"subject twice, by case": bearer(is.SignRaw(text(t, header), strings.Replace(text(t, is.Claims("ada")), `"sub":"ada"`, `"sub":"ada","SUB":"eve"`, 1), is.Signer("RS256"))),
		"claims are a list":      bearer(is.SignRaw(text(t, header), `[]`, is.Signer("RS256"))),
	}
}

// hs256 uses the published key as if it were a shared secret.
func hs256(t *testing.T, is *issuer.Issuer) []string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(is.Public("RS256"))
	require.NoError(t, err)
	input := b64(text(t, map[string]any{"alg": "HS256", "kid": "RS256", "typ": "at+jwt"})) + "." + b64(text(t, is.Claims("ada")))
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte(input))
	return bearer(input + "." + b64(string(mac.Sum(nil))))
}

func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// TestForgedKidsDoNotFloodTheIssuer: reliability row 57.
func TestForgedKidsDoNotFloodTheIssuer(t *testing.T) {
	is, v, c := setup(t)
	good := bearer(is.Token(is.Claims("ada")))
	_, err := v.Verify(t.Context(), good)
	require.NoError(t, err)
	require.EqualValues(t, 1, is.Fetches.Load())
	c.advance(31 * time.Second)
	forge := func(n int) {
		for i := range n {
			h := map[string]any{"alg": "RS256", "kid": fmt.Sprintf("forged-%d", i), "typ": "at+jwt"}
			_, err := v.Verify(t.Context(), bearer(b64(text(t, h))+"."+b64(text(t, is.Claims("eve")))+"."+b64(strings.Repeat("s", 256))))
			require.Equal(t, errs.Unauthenticated, errs.KindOf(err))
		}
	}
	forge(10_000)
	require.EqualValues(t, 2, is.Fetches.Load(), "one fetch for 10,000 forged tokens")
	_, err = v.Verify(t.Context(), good)
	require.NoError(t, err, "the flood does not hurt others")
	c.advance(31 * time.Second)
	forge(10)
	require.EqualValues(t, 3, is.Fetches.Load())
}

func TestKeyRotationIsSeenWithinTheRefetchTime(t *testing.T) {
	is, v, c := setup(t)
	_, err := v.Verify(t.Context(), bearer(is.Token(is.Claims("ada"))))
	require.NoError(t, err)
	key := issuer.RSAKey(t)
	is.AddKey("next", key)
	rotated := func() string {
		return is.SignRaw(text(t, map[string]any{"alg": "RS256", "kid": "next", "typ": "at+jwt"}), text(t, is.Claims("ada")), key)
	}
	c.advance(31 * time.Second)
	_, err = v.Verify(t.Context(), bearer(rotated()))
	require.NoError(t, err)
}

func TestIssuerAway(t *testing.T) {
	is, v, c := setup(t)
	is.Down.Store(true)
	token := bearer(is.Token(is.Claims("ada")))
	for range 3 { // also while the next try is held back: nobody is told to sign in again for our trouble
		_, err := v.Verify(t.Context(), token)
		require.Equal(t, errs.Unavailable, errs.KindOf(err), err)
	}
	is.Down.Store(false)
	c.advance(3 * time.Second)
	_, err := v.Verify(t.Context(), token)
	require.NoError(t, err)

	is.Down.Store(true)
	c.advance(time.Minute)
	_, err = v.Verify(t.Context(), token)
	require.NoError(t, err, "keys once fetched go on serving")
}

func TestKeySetIsReadWithinBounds(t *testing.T) {
	is, v, _ := setup(t)
	is.Padding.Store(64 << 20)
	_, err := v.Verify(t.Context(), bearer(is.Token(is.Claims("ada"))))
	require.Error(t, err, "keys behind 64 MiB of white space are not waited for")
}

func TestConfigRefusesAClientInTwoLists(t *testing.T) {
	_, err := authn.New(authn.Config{Issuer: "https://issuer.example", People: []string{"a"}, Workers: []string{"a"}})
	require.ErrorContains(t, err, `"a" is listed twice`)
	_, err = authn.New(authn.Config{})
	require.ErrorContains(t, err, "issuer")
}

// Decision 0084: a token that held is not judged anew for a while, but no clock and no other token profits from it.
func TestATokenThatHeldIsRemembered(t *testing.T) { // R13.2
	is, v, c := setup(t)
	claims := is.Claims("ada")
	claims["exp"], claims["iat"] = time.Now().Add(10*time.Minute).Unix(), time.Now().Unix()
	token := is.Token(claims)
	first, err := v.Verify(t.Context(), bearer(token))
	require.NoError(t, err)
	again := testing.AllocsPerRun(10, func() {
		id, err := v.Verify(t.Context(), bearer(token))
		require.NoError(t, err)
		require.Equal(t, first, id)
	})
	require.Less(t, again, 40.0, "a token that held a moment ago was judged anew")

	other := is.Token(is.Claims("eve"))
	stolen := token[:strings.LastIndex(token, ".")] + other[strings.LastIndex(other, "."):]
	_, err = v.Verify(t.Context(), bearer(stolen))
	require.Equal(t, errs.Unauthenticated, errs.KindOf(err), "its claims under another signature")

	c.advance(10 * time.Minute)
	_, err = v.Verify(t.Context(), bearer(token))
	require.Equal(t, errs.Unauthenticated, errs.KindOf(err), "it expired meanwhile")

	short := is.Claims("ada")
	short["exp"], short["iat"] = time.Now().Add(10*time.Minute+2*time.Second).Unix(), time.Now().Unix()
	token = is.Token(short)
	_, err = v.Verify(t.Context(), bearer(token))
	require.NoError(t, err)
	c.advance(3 * time.Second)
	_, err = v.Verify(t.Context(), bearer(token))
	require.Equal(t, errs.Unauthenticated, errs.KindOf(err), "it expired while it was remembered")
}
