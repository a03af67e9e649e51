package authn

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// algorithms are all we would ever accept: asymmetric ones, so that no public key can pass for a shared secret.
var algorithms = []string{oidc.RS256, oidc.ES256, oidc.EdDSA}

// Verifier judges bearer tokens of one issuer; safe for concurrent use.
type Verifier struct {
	cfg    Config
	client *http.Client

	mu   sync.Mutex
	oidc *oidc.IDTokenVerifier

	held held
}

// New checks the configuration. The issuer is asked when the first token comes, so that the orchestrator
// starts before it.
func New(cfg Config) (*Verifier, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	transport := &spaced{every: cfg.Refetch, now: cfg.Now, next: cfg.Transport}
	return &Verifier{cfg: cfg, client: &http.Client{Timeout: fetchWithin, Transport: transport}}, nil
}

// Verify answers whose token it is. Every defect of a token is the same Unauthenticated error: the log, not
// the caller, learns which. Unavailable means that the issuer's keys could not be had; keys once fetched go on
// serving while the issuer is away.
func (v *Verifier) Verify(ctx context.Context, authorization []string) (Identity, error) {
	if len(authorization) != 1 {
		return Identity{}, refused("want one authorization header, got %d", len(authorization))
	}
	scheme, token, _ := strings.Cut(authorization[0], " ")
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return Identity{}, refused("not a bearer token")
	}
	if len(token) > MaxToken {
		return Identity{}, refused("token of %d bytes", len(token))
	}
	now := v.cfg.Now()
	if id, ok := v.held.get(token, now); ok {
		return id, nil
	}
	h, err := parseHeader(token)
	if err != nil {
		return Identity{}, refused("%w", err)
	}
	typ := strings.TrimPrefix(strings.ToLower(h.Typ), "application/")
	if !slices.Contains(v.cfg.Types, typ) || !slices.Contains(algorithms, h.Alg) {
		return Identity{}, refused("typ %.20q, alg %.20q", h.Typ, h.Alg)
	}
	checker, err := v.checker()
	if err != nil {
		return Identity{}, away(err)
	}
	var unreachable bool
	signed, err := checker.Verify(context.WithValue(ctx, awayKey{}, &unreachable), token)
	if unreachable {
		return Identity{}, away(err)
	}
	if err != nil {
		return Identity{}, refused("%w", err)
	}
	id, until, err := v.identify(signed)
	if err == nil {
		v.held.put(token, heldToken{identity: id, from: now, until: earliest(until, now.Add(heldFor))})
	}
	return id, err
}

// identify also answers until when the token's own times hold.
func (v *Verifier) identify(signed *oidc.IDToken) (Identity, time.Time, error) {
	var raw json.RawMessage
	if err := signed.Claims(&raw); err != nil {
		return Identity{}, time.Time{}, refused("%w", err)
	}
	if _, err := members(raw); err != nil {
		return Identity{}, time.Time{}, refused("claims: %w", err)
	}
	var c claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return Identity{}, time.Time{}, refused("claims: %w", err)
	}
	if err := c.judge(v.cfg); err != nil {
		return Identity{}, time.Time{}, refused("%w", err)
	}
	// A token for several audiences could be passed on by any of them.
	if len(signed.Audience) != 1 {
		return Identity{}, time.Time{}, refused("%d audiences", len(signed.Audience))
	}
	service, known := v.cfg.role(c.client())
	if !known {
		return Identity{}, time.Time{}, refused("client %.80q is not on the list", c.client())
	}
	// A service speaks for itself (client credentials), a person never for a client.
	isService := service != typev1.Permission_PERMISSION_UNSPECIFIED
	if isService != (c.Subject == c.client()) {
		return Identity{}, time.Time{}, refused("subject does not fit client %.80q", c.client())
	}
	id := Identity{Subject: c.Subject, Email: c.Email, Name: c.name(), ClientID: c.client(), Expires: at(*c.Expires), Service: service}
	return id, earliest(id.Expires, at(*c.IssuedAt).Add(v.cfg.MaxAge)), nil
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// checker discovers the issuer when first needed.
func (v *Verifier) checker() (*oidc.IDTokenVerifier, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.oidc != nil {
		return v.oidc, nil
	}
	// The context outlives this request: the key set refetches with it. The client bounds time and size.
	ctx := oidc.ClientContext(context.Background(), v.client)
	provider, err := oidc.NewProvider(ctx, v.cfg.Issuer)
	if err != nil {
		return nil, err
	}
	var offer struct {
		JWKS       string   `json:"jwks_uri"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := provider.Claims(&offer); err != nil {
		return nil, err
	}
	pinned := slices.DeleteFunc(slices.Clone(algorithms), func(a string) bool { return !slices.Contains(offer.Algorithms, a) })
	if len(pinned) == 0 {
		pinned = []string{oidc.RS256} // what OpenID Connect obliges every provider to
	}
	// Expiry is judged with the other times, by our clock.
	v.oidc = oidc.NewVerifier(v.cfg.Issuer, keySet{remote: oidc.NewRemoteKeySet(ctx, offer.JWKS)},
		&oidc.Config{ClientID: v.cfg.Audience, SupportedSigningAlgs: pinned, SkipExpiryCheck: true})
	return v.oidc, nil
}

func refused(format string, args ...any) error {
	return errs.Wrap(fmt.Errorf(format, args...), errs.Unauthenticated, typev1.Reason_REASON_UNAUTHENTICATED, "sign in again: the access token is missing or not valid")
}

func away(err error) error {
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the identity provider is away; try again").After(retryAfter)
}
