package world

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// Setup is what a world may have more of, or otherwise, than end-to-end tests need. The zero value is theirs.
type Setup struct {
	// Tenants are further ones, Tenant(0) and so on. Mira is an admin and Rita a reviewer in each of them.
	Tenants int
	Workers int // 0: two
	Logins  int // per sandbox platform; 0: Accounts
	// Memory starts a Weaviate where one can be had; World.Weaviate is nil otherwise.
	Memory bool
	// Quiet logs at info and records no traces: under load, debug logs cost more than the work.
	Quiet bool
	// Disk is how many bytes Postgres has, for tests that fill it; 0: as many as the machine. See World.Cramped.
	Disk int64
	// Env are further variables of each orchestrator, worker and skill; the last of a name counts.
	Env map[string][]string
	// Through answers by which host:port the processes reach a part (postgres, redis); nil is directly.
	Through func(part, address string) string
}

// People of the further tenants. They name the tenant by the header chimera-tenant.
const (
	Mira = "mira"
	Rita = "rita"
)

var crew = []map[string]string{
	{"subject": "sub-" + Mira, "email": Mira + "@example.test", "role": "admin"},
	{"subject": "sub-" + Rita, "email": Rita + "@example.test", "role": "reviewer"},
}

// Tenant is the slug of a further tenant.
func Tenant(i int) string { return fmt.Sprintf("t%04d", i) }

func (w *World) people() []person {
	if w.setup.Tenants == 0 {
		return people
	}
	return append([]person{{name: Mira}, {name: Rita}}, people...)
}

// Workers are the names of all workers.
func (w *World) Workers() []string {
	var names []string
	for i := range max(w.setup.Workers, 2) {
		names = append(names, fmt.Sprintf("worker-%d", i))
	}
	return names
}

func (w *World) logins() int {
	if w.setup.Logins > 0 {
		return w.setup.Logins
	}
	return Accounts
}

func (w *World) through(part, address string) string {
	if w.setup.Through == nil {
		return address
	}
	return w.setup.Through(part, address)
}

func (w *World) redisURL(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(w.Redis.URL)
	require.NoError(t, err)
	u.Host = w.through("redis", u.Host)
	return u.String()
}

// Login is the i-th login of a platform: its handle, and the secret to connect it with.
func (w *World) Login(platform string, i int) (handle, secret string) {
	if platform == "mastodon" {
		handle = mastodonHandle(i)
		return handle, w.secrets.get("access token of " + handle)
	}
	handle = blueskyHandle(i)
	return handle, w.secrets.get("app password of " + handle)
}
