package login_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"chimera/infra/local/parts/partstest"
)

const platformRedirect = "http://127.0.0.1:3000/auth/callback"

func header(t *testing.T, token string) map[string]string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	require.NoError(t, err)
	var fields map[string]string
	require.NoError(t, json.Unmarshal(raw, &fields))
	return fields
}

// browser follows redirects until it is sent to the web client.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if req.URL.Port() == "3000" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

func platform(t *testing.T, issuer string) oauth2.Config {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), issuer)
	require.NoError(t, err)
	return oauth2.Config{
		ClientID: partstest.PlatformClient, ClientSecret: partstest.ClientSecret, Endpoint: provider.Endpoint(),
		RedirectURL: platformRedirect, Scopes: []string{"openid", "email", "profile", "offline_access"},
	}
}

func TestWebClientLogsInRefreshesAndGetsAnIDToken(t *testing.T) {
	issuer := partstest.OIDC(t).URL
	config, b := platform(t, issuer), browser(t)
	verifier := oauth2.GenerateVerifier()
	address := config.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier), oidc.Nonce("n-1"))
	page, err := b.Get(address)
	require.NoError(t, err)
	defer page.Body.Close()
	done, err := b.PostForm(page.Request.URL.String(), url.Values{"username": {"olga"}, "password": {partstest.UserPassword}})
	require.NoError(t, err)
	defer done.Body.Close()
	back, err := done.Location()
	require.NoError(t, err)
	token, err := config.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	require.NoError(t, err)
	require.Equal(t, "sub-olga", verify(t, issuer, token.AccessToken).Subject)

	provider, err := oidc.NewProvider(t.Context(), issuer)
	require.NoError(t, err)
	identity, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(t.Context(), token.Extra("id_token").(string))
	require.NoError(t, err)
	require.Equal(t, "n-1", identity.Nonce)
	var person struct{ Email, Name string }
	require.NoError(t, identity.Claims(&person))
	require.Equal(t, "olga@example.test", person.Email)
	require.Equal(t, "olga", person.Name)

	require.NotEmpty(t, token.RefreshToken)
	fresh, err := config.TokenSource(context.WithValue(t.Context(), oauth2.HTTPClient, http.DefaultClient), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	require.NoError(t, err)
	require.Equal(t, "sub-olga", verify(t, issuer, fresh.AccessToken).Subject)
	require.NotEqual(t, token.RefreshToken, fresh.RefreshToken, "refresh tokens rotate")
}

func TestAuthorizationWithoutPKCEIsRefused(t *testing.T) {
	config := platform(t, partstest.OIDC(t).URL)
	res, err := browser(t).Get(config.AuthCodeURL("state"))
	require.NoError(t, err)
	defer res.Body.Close()
	back, err := res.Location()
	require.NoError(t, err)
	require.Equal(t, "invalid_request", back.Query().Get("error"))
}

func TestTheLoginFormIsClosedToOtherBrowsersAndSites(t *testing.T) {
	config := platform(t, partstest.OIDC(t).URL)
	b := browser(t)
	page, err := b.Get(config.AuthCodeURL("state", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
	require.NoError(t, err)
	defer page.Body.Close()
	html, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	require.Contains(t, string(html), `<label for="password">`)
	require.NotContains(t, string(html), "<script")
	form := url.Values{"username": {"olga"}, "password": {partstest.UserPassword}}

	other, err := browser(t).PostForm(page.Request.URL.String(), form)
	require.NoError(t, err)
	defer other.Body.Close()
	require.Equal(t, http.StatusBadRequest, other.StatusCode, "no interaction cookie")

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page.Request.URL.String(), strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Origin", "http://evil.example")
	forged, err := b.Do(req)
	require.NoError(t, err)
	defer forged.Body.Close()
	require.Equal(t, http.StatusForbidden, forged.StatusCode)

	huge, err := b.PostForm(page.Request.URL.String(), url.Values{"username": {strings.Repeat("x", 10_000)}})
	require.NoError(t, err)
	defer huge.Body.Close()
	require.Equal(t, http.StatusRequestEntityTooLarge, huge.StatusCode)
}
