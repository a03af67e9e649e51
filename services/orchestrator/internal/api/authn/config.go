// Package authn decides from a bearer token alone who calls: a person, or one of the services (R13.2). What a
// caller may do, and for which tenant, is decided elsewhere and never from a claim.
package authn

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
)

// MaxToken is the longest token that is parsed at all, in bytes.
const MaxToken = 8 << 10

// Config names the issuer and the clients whose tokens are accepted.
type Config struct {
	Issuer string
	// Audience is the one audience a token may have; "" is "chimera".
	Audience string
	// Types are the accepted values of the header's typ, lower case without "application/"; nil is at+jwt (RFC 9068).
	Types []string
	// People are the clients that people sign in with.
	People []string
	// Workers and Skills are the services' own clients. A client is in one list only: no person ever holds a
	// service's permission, and no service a person's.
	Workers, Skills []string
	// MaxAge bounds a token's age since iat, whatever its exp says; 0 is 1 h.
	MaxAge time.Duration
	// Skew is how far a clock may be ahead of ours; 0 is 5 s. It never extends exp.
	Skew time.Duration
	// Refetch is the least time between two fetches of the issuer's keys; 0 is 30 s.
	Refetch time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Transport carries discovery and key fetches; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

func (c Config) withDefaults() (Config, error) {
	if c.Issuer == "" {
		return c, errors.New("authn: an issuer is needed")
	}
	if c.Audience == "" {
		c.Audience = "chimera"
	}
	if len(c.Types) == 0 {
		c.Types = []string{"at+jwt"}
	}
	if c.MaxAge == 0 {
		c.MaxAge = time.Hour
	}
	if c.Skew == 0 {
		c.Skew = 5 * time.Second
	}
	if c.Refetch == 0 {
		c.Refetch = 30 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	all := slices.Concat(c.People, c.Workers, c.Skills)
	slices.Sort(all)
	for i, client := range all {
		if client == "" {
			return c, errors.New("authn: a client id is empty")
		}
		if i > 0 && all[i-1] == client {
			return c, fmt.Errorf("authn: client %q is listed twice: a client is either people's, a worker's or a skill's", client)
		}
	}
	return c, nil
}

// Identity is a caller whose token held.
type Identity struct {
	Subject string
	Email   string
	// Name is how the identity provider names a person, for others to read; it decides nothing.
	Name     string
	ClientID string
	// Expires is when the token ends.
	Expires time.Time
	// Service is UNSPECIFIED for a person, else the one permission that this service has.
	Service typev1.Permission
}

// Person reports whether a human being calls.
func (i Identity) Person() bool { return i.Service == typev1.Permission_PERMISSION_UNSPECIFIED }

// Actor names the caller in the audit chain.
func (i Identity) Actor() string {
	switch i.Service {
	case typev1.Permission_PERMISSION_WORKER:
		return "service:worker"
	case typev1.Permission_PERMISSION_SKILL:
		return "service:skill:" + i.ClientID
	default:
		return i.Subject
	}
}

// role tells what a client's tokens are good for.
func (c Config) role(client string) (typev1.Permission, bool) {
	switch {
	case slices.Contains(c.People, client):
		return typev1.Permission_PERMISSION_UNSPECIFIED, true
	case slices.Contains(c.Workers, client):
		return typev1.Permission_PERMISSION_WORKER, true
	case slices.Contains(c.Skills, client):
		return typev1.Permission_PERMISSION_SKILL, true
	}
	return typev1.Permission_PERMISSION_UNSPECIFIED, false
}
