package skillkit

import (
	"crypto/ed25519"

	"chimera/services/kit/grant"
	"chimera/services/kit/secret"
)

// Config is read from the environment, prefix CHIMERA_.
type Config struct {
	Addr    string `env:"ADDR" envDefault:"127.0.0.1:0"`
	OpsAddr string `env:"OPS_ADDR"`

	OrchestratorURL string `env:"ORCHESTRATOR_URL"`
	// GrantPublicKeys are base64 Ed25519 keys: the current one and, during rotation, the former.
	GrantPublicKeys []string `env:"GRANT_PUBLIC_KEYS" envSeparator:","`

	Issuer         string        `env:"OIDC_ISSUER"`
	Audience       string        `env:"OIDC_AUDIENCE" envDefault:"chimera"`
	ClientID       string        `env:"CLIENT_ID"`
	ClientSecret   secret.String `env:"CLIENT_SECRET"`
	AllowedCallers []string      `env:"ALLOWED_CALLERS" envSeparator:"," envDefault:"chimera-worker"`
	// AllowAnonymous lets HTTP be served without an issuer: for tests and tools on one machine only.
	AllowAnonymous bool `env:"ALLOW_ANONYMOUS"`

	// RateLimits: "tool=N/unit[:burst]" or "tool@platform=…", comma separated; "*" is every other tool.
	// Units are s, m and h.
	RateLimits string `env:"RATE_LIMITS" envDefault:"*=20/s:40"`
}

func (c Config) verifier() (*grant.Verifier, error) {
	keys := make([]ed25519.PublicKey, 0, len(c.GrantPublicKeys))
	for _, s := range c.GrantPublicKeys {
		if s == "" {
			continue
		}
		k, err := grant.ParsePublic(s)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return grant.NewVerifier(keys...), nil
}
