package world

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// canaries are the world's secrets by name, all made up for this run. None of them may ever be found in clear.
type canaries struct {
	mu  sync.Mutex
	all map[string]string
}

// make draws a new secret. It is long and random, so that finding it anywhere is no accident.
func (c *canaries) make(name string) string {
	raw := make([]byte, 20)
	_, _ = rand.Read(raw)
	return c.add(name, hex.EncodeToString(raw))
}

func (c *canaries) add(name, value string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]string{}
	}
	c.all[name] = value
	return value
}

func (c *canaries) get(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[name]
}

// Plant makes a secret under a name, to be used in a test's own request and looked for with the others.
func (w *World) Plant(name string) string { return w.secrets.make(name) }

// Canaries answers all secrets of this world by name, those the processes made for themselves too.
func (w *World) Canaries(t testing.TB) map[string]string {
	t.Helper()
	w.secrets.mu.Lock()
	all := maps.Clone(w.secrets.all)
	w.secrets.mu.Unlock()
	for name, file := range map[string]string{"grant seed": "grant.seed", "page key": "page.key", "vault identity": "vault.identity"} {
		raw, err := os.ReadFile(filepath.Join(w.Dir, "keys", file))
		require.NoError(t, err)
		for _, line := range strings.Split(string(raw), "\n") {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				all[name] = line
			}
		}
	}
	for name, token := range w.tokens {
		all["bearer token of "+name] = token
	}
	return all
}
