// Package parts starts the real third-party programs that Chimera stands on (PostgreSQL, Redis, an OIDC
// provider, an AT Protocol server, Weaviate) as child processes on loopback, for the demo and the tests.
// No Docker and no root is needed; a program that is not on the machine is fetched once into a cache.
package parts

import (
	"errors"

	"chimera/infra/local/internal/install"
)

var (
	// ErrAbsent says that a part is not on this machine and cannot be fetched; the message says what to install.
	ErrAbsent = errors.New("part is absent")
	// ErrExternal is returned for a server that runs elsewhere when it is told to start, stop or die.
	ErrExternal = errors.New("server is external: it was given by address")
	// ErrInUse says that another process runs a part in the same folder.
	ErrInUse = errors.New("data folder is in use by another process")
)

// Options are common to all parts.
type Options struct {
	// Dir holds the part's data, generated secrets and log. It is created if missing and kept between starts.
	Dir string
	// Port on 127.0.0.1; 0 takes a free one the first time and remembers it in Dir.
	Port int
	// Say gets progress lines for a person; nil is silent.
	Say func(string)
}

func (o Options) say(line string) {
	if o.Say != nil {
		o.Say(line)
	}
}

// CacheDir is where fetched programs are kept, created if missing: CHIMERA_CACHE, else chimera below
// XDG_CACHE_HOME, else below ~/.cache (for root: /var/cache/chimera).
func CacheDir() (string, error) { return install.Dir() }
