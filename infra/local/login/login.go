// Package login gets access tokens from the local OIDC provider without a browser, by the same flows and
// the same login form that people and services use.
package login

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	timeout      = 30 * time.Second
	maxRedirects = 10
	maxPage      = 1 << 20 // bytes
	// redirect is never served: the flow ends when the provider sends the browser there.
	redirect = "http://127.0.0.1/callback"
)

// ErrRejected says that the provider refused the credentials.
var ErrRejected = errors.New("login rejected: wrong name, password or secret, or too many failures (wait a minute)")

// Password logs a person in by the authorization code flow with PKCE, for a public client whose redirect
// is http://127.0.0.1/callback, and returns an access token and when it ends. ErrRejected if the provider
// refuses name or password.
func Password(ctx context.Context, issuer, clientID, username, password string) (string, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	browser, err := newBrowser()
	if err != nil {
		return "", time.Time{}, fmt.Errorf("login: %w", err)
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, browser), issuer)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("login: ask the provider for its endpoints: %w", err)
	}
	config := oauth2.Config{ClientID: clientID, Endpoint: provider.Endpoint(), RedirectURL: redirect, Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}
	state, verifier := random(), oauth2.GenerateVerifier()
	code, err := authorize(ctx, browser, config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), state, username, password)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("login: %w", err)
	}
	token, err := config.Exchange(oidc.ClientContext(ctx, browser), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("login: exchange the code: %w", err)
	}
	return token.AccessToken, token.Expiry, nil
}

// ClientCredentials gets an access token for a service. ErrRejected if the provider refuses id or secret.
func ClientCredentials(ctx context.Context, issuer, clientID, secret string) (string, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	browser, err := newBrowser()
	if err != nil {
		return "", time.Time{}, fmt.Errorf("login: %w", err)
	}
	ctx = oidc.ClientContext(ctx, browser)
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("login: ask the provider for its endpoints: %w", err)
	}
	config := clientcredentials.Config{ClientID: clientID, ClientSecret: secret, TokenURL: provider.Endpoint().TokenURL, AuthStyle: oauth2.AuthStyleInHeader}
	token, err := config.Token(ctx)
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.ErrorCode == "invalid_client" {
		return "", time.Time{}, fmt.Errorf("login %s: %w", clientID, ErrRejected)
	}
	if err != nil {
		return "", time.Time{}, fmt.Errorf("login %s: %w", clientID, err)
	}
	return token.AccessToken, token.Expiry, nil
}

// Web logs a person in at a web page that sends its visitors to the provider, as a browser would, and returns the
// browser: what it asks for from then on, it asks for as that person. address is where the page starts a login;
// from there on only redirects are followed. ErrRejected if the provider refuses name or password.
func Web(ctx context.Context, address, username, password string) (*http.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	browser, err := newBrowser()
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	done, err := enter(ctx, browser, address, username, password) //nolint:bodyclose // send closed it
	if err != nil {
		return nil, fmt.Errorf("login at %s: %w", address, err)
	}
	if done.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("login at %s: %s", address, refusal(done))
	}
	return browser, nil
}

func newBrowser() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), redirect+"?") {
			return http.ErrUseLastResponse
		}
		if len(via) >= maxRedirects {
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
		return nil
	}}, nil
}

// authorize opens the login page, sends the form, and returns the code that the last redirect carries.
func authorize(ctx context.Context, browser *http.Client, address, state, username, password string) (string, error) {
	done, err := enter(ctx, browser, address, username, password) //nolint:bodyclose // send closed it
	if err != nil {
		return "", err
	}
	back, err := done.Location()
	if err != nil {
		return "", fmt.Errorf("send the login form: %s", refusal(done))
	}
	query := back.Query()
	if query.Get("error") != "" {
		return "", fmt.Errorf("provider refused: %s: %s", query.Get("error"), query.Get("error_description"))
	}
	if query.Get("state") != state || query.Get("code") == "" {
		return "", errors.New("the provider's redirect lacks our state or a code")
	}
	return query.Get("code"), nil
}

// enter opens the login page, sends the form and answers what came after it. ErrRejected.
func enter(ctx context.Context, browser *http.Client, address, username, password string) (*http.Response, error) {
	page, err := send(ctx, browser, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("open the login page: %w", err)
	}
	if page.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("open the login page: %s", refusal(page))
	}
	form := url.Values{"username": {username}, "password": {password}}
	// The form has no action of its own: it posts to the address it was served from.
	done, err := send(ctx, browser, http.MethodPost, page.Request.URL.String(), form)
	if err != nil {
		return nil, fmt.Errorf("send the login form: %w", err)
	}
	if done.StatusCode == http.StatusUnauthorized {
		return nil, ErrRejected
	}
	return done, nil
}

// send makes one request, redirects included, and leaves at most maxPage of the body read and closed.
func send(ctx context.Context, browser *http.Client, method, address string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	_ = res.Body.Close()
	res.Body = io.NopCloser(strings.NewReader(string(body)))
	return res, err
}

// refusal quotes the words of an error page.
func refusal(res *http.Response) string {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxPage))
	text := regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`).ReplaceAllString(string(body), " ")
	return fmt.Sprintf("%s answered %s: %.300s", res.Request.URL.Path, res.Status, strings.Join(strings.Fields(text), " "))
}

func random() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}
