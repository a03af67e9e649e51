package skillkit

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/modelcontextprotocol/go-sdk/auth"
)

// maxToken bounds a bearer token before anything is parsed.
const maxToken = 8 << 10

// bearer admits only named services: signature, issuer, audience and expiry by go-oidc, and what it does
// not check by itself — the client, and that the token is an access token.
type bearer struct {
	issuer, audience string
	callers          []string
	log              *slog.Logger

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
	// triedAt spaces out discovery while the issuer is away.
	triedAt time.Time
}

func newBearer(cfg Config, log *slog.Logger) *bearer {
	return &bearer{issuer: cfg.Issuer, audience: cfg.Audience, callers: cfg.AllowedCallers, log: log}
}

func (b *bearer) require(next http.Handler) http.Handler {
	guarded := auth.RequireBearerToken(b.verify, nil)(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header.Get("Authorization")) > maxToken {
			http.Error(w, "token too large", http.StatusUnauthorized)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

func (b *bearer) verify(ctx context.Context, token string, _ *http.Request) (*auth.TokenInfo, error) {
	v, err := b.provider()
	if err != nil {
		b.log.ErrorContext(ctx, "identity provider away", "error", err)
		return nil, fmt.Errorf("identity provider away") //nolint:err113 // becomes a 500: the caller may try again
	}
	t, err := v.Verify(ctx, token)
	if err != nil {
		b.log.WarnContext(ctx, "caller refused", "error", err)
		return nil, auth.ErrInvalidToken
	}
	var claims struct {
		ClientID string `json:"client_id"`
		AZP      string `json:"azp"`
		Nonce    string `json:"nonce"`
	}
	if err := t.Claims(&claims); err != nil {
		return nil, auth.ErrInvalidToken
	}
	if claims.ClientID == "" {
		claims.ClientID = claims.AZP
	}
	// A nonce marks an ID token: proof of a person's login at some client, no permission to call.
	if claims.Nonce != "" || !accessToken(token) || !slices.Contains(b.callers, claims.ClientID) {
		b.log.WarnContext(ctx, "caller refused", "client_id", clip(claims.ClientID, 80))
		return nil, auth.ErrInvalidToken
	}
	return &auth.TokenInfo{UserID: claims.ClientID, Expiration: t.Expiry}, nil
}

// provider discovers the issuer when first needed, at most every 5 s, so that a skill starts before it.
func (b *bearer) provider() (*oidc.IDTokenVerifier, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.verifier != nil {
		return b.verifier, nil
	}
	if time.Since(b.triedAt) < 5*time.Second {
		return nil, fmt.Errorf("discovery failed a moment ago") //nolint:err113 // logged, never matched
	}
	b.triedAt = time.Now()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &spaced{every: 10 * time.Second, next: http.DefaultTransport}}
	// The context outlives this request: the key set refetches with it.
	p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), client), b.issuer)
	if err != nil {
		return nil, err
	}
	b.verifier = p.Verifier(&oidc.Config{ClientID: b.audience, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256, oidc.EdDSA}})
	return b.verifier, nil
}
