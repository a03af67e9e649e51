package oidc

// Client is one entry of the clients file, a JSON array of them; the fields are those of RFC 7591.
type Client struct {
	ID              string   `json:"client_id"`
	Secret          string   `json:"client_secret,omitempty"`
	Name            string   `json:"client_name,omitempty"`
	ApplicationType string   `json:"application_type,omitempty"`
	AuthMethod      string   `json:"token_endpoint_auth_method"`
	GrantTypes      []string `json:"grant_types"`
	ResponseTypes   []string `json:"response_types"`
	RedirectURIs    []string `json:"redirect_uris"`
	LogoutURIs      []string `json:"post_logout_redirect_uris,omitempty"`
}

// LoopbackRedirect is the redirect of a NativeClient. A client may put any port into it (RFC 8252 §7.3).
const LoopbackRedirect = "http://127.0.0.1/callback"

// NativeClient is a program on the user's machine: no secret, PKCE, redirect to loopback.
func NativeClient(id, name string) Client {
	return Client{
		ID: id, Name: name, ApplicationType: "native", AuthMethod: "none",
		GrantTypes: []string{"authorization_code", "refresh_token"}, ResponseTypes: []string{"code"},
		RedirectURIs: []string{LoopbackRedirect},
	}
}

// WebClient is a web server that logs people in: secret, PKCE, refresh tokens.
func WebClient(id, name, secret string, redirects, logoutRedirects []string) Client {
	return Client{
		ID: id, Name: name, Secret: secret, ApplicationType: "web", AuthMethod: "client_secret_basic",
		GrantTypes: []string{"authorization_code", "refresh_token"}, ResponseTypes: []string{"code"},
		RedirectURIs: redirects, LogoutURIs: logoutRedirects,
	}
}

// ServiceClient is a process that acts for itself: client credentials only. The token has no user; its
// "sub" is the client id.
func ServiceClient(id, secret string) Client {
	return Client{
		ID: id, Secret: secret, AuthMethod: "client_secret_basic",
		GrantTypes: []string{"client_credentials"}, ResponseTypes: []string{}, RedirectURIs: []string{},
	}
}
