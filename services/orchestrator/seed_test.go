package orchestrator_test

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/services/orchestrator"
	"chimera/services/orchestrator/internal/store"
)

// rolePassword is the cluster's, which the tests of a run share.
const rolePassword = "for-tests-on-loopback"

const seedText = `{"tenants": [{"id": "%ID%", "slug": "%SLUG%", "name": "Aurora", 
	"members": [{"subject": "s-1", "email": "o@example.test", "role": "operator"}],
	"agents": [{"name": "North", "persona": {"voice": "plain", "language": "en"},
		"accounts": [{"platform": "bluesky", "handle": "north.test", "base_url": "http://127.0.0.1:7400", "secret": "app-password-canary"}],
		"campaigns": [{"name": "Coffee", "goal": "tell", "playbook": "trend-post", "parameters": {"feeds": ["http://127.0.0.1:7400/feed.xml"], "metricsAfter": "3s"}, "accounts": ["north.test"]}]}]}]}`

// seedFor is the document with one tenant; both tenants' objects have the same names.
func seedFor(id, slug string) string {
	return strings.NewReplacer("%ID%", id, "%SLUG%", slug).Replace(seedText)
}

func installation(t *testing.T) (orchestrator.Config, *pgx.Conn) {
	t.Helper()
	owner := partstest.Database(t)
	require.NoError(t, store.Migrate(t.Context(), owner, store.Roles{AppPassword: rolePassword, SystemPassword: rolePassword}))
	login := func(role string) secret.String {
		u, err := url.Parse(owner)
		require.NoError(t, err)
		u.User = url.UserPassword(role, rolePassword)
		return secret.New(u.String())
	}
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	dir := t.TempDir()
	return orchestrator.Config{
		DatabaseURL: login("chimera_app"), SystemDatabaseURL: login("chimera_system"), DatabaseConns: 2,
		GrantSeedFile: filepath.Join(dir, "grant"), VaultIdentityFile: filepath.Join(dir, "vault"), PageKeyFile: filepath.Join(dir, "page"),
	}, conn
}

func count(t *testing.T, conn *pgx.Conn, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

func TestSeedAddsWhatIsMissingAndNothingTwice(t *testing.T) {
	cfg, conn := installation(t)
	aurora, borealis := uuid.NewString(), uuid.NewString()
	for range 2 {
		require.NoError(t, orchestrator.Seed(t.Context(), cfg, strings.NewReader(seedFor(aurora, "aurora"))))
		require.NoError(t, orchestrator.Seed(t.Context(), cfg, strings.NewReader(seedFor(borealis, "borealis"))))
	}
	for _, table := range []string{"members", "agents", "accounts", "campaigns", "campaign_accounts"} {
		require.Equal(t, 2, count(t, conn, "select count(*) from "+table), table)
	}
	require.Equal(t, 5, count(t, conn, "select count(*) from audit_entries where tenant_id = $1", aurora), "tenant, member, agent, account, campaign: all audited, once")
	require.Zero(t, count(t, conn, "select count(*) from audit_entries where detail::text like '%canary%'"))

	_, err := conn.Exec(t.Context(), "delete from campaign_accounts where tenant_id = $1", aurora)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "delete from campaigns where tenant_id = $1", aurora)
	require.NoError(t, err)
	changed := strings.Replace(seedFor(aurora, "aurora"), `"operator"`, `"admin"`, 1)
	require.NoError(t, orchestrator.Seed(t.Context(), cfg, strings.NewReader(changed)))
	require.Equal(t, 2, count(t, conn, "select count(*) from campaigns"), "what is missing is added by name")
	require.Zero(t, count(t, conn, "select count(*) from members where role = 'admin'"), "a tenant that exists keeps its members")
}

// A campaign may be at work from the start; a later seed does not touch what people did with it.
func TestSeedStartsACampaignOnce(t *testing.T) {
	cfg, conn := installation(t)
	started := strings.Replace(seedFor(uuid.NewString(), "aurora"), `"playbook"`, `"start": true, "playbook"`, 1)
	for range 2 {
		require.NoError(t, orchestrator.Seed(t.Context(), cfg, strings.NewReader(started)))
		require.Equal(t, 1, count(t, conn, "select count(*) from campaigns where state = 'running' and plan_version = 1"))
	}
	tasks := count(t, conn, "select count(*) from tasks")
	require.Positive(t, tasks)
	_, err := conn.Exec(t.Context(), "update campaigns set state = 'paused'")
	require.NoError(t, err)
	require.NoError(t, orchestrator.Seed(t.Context(), cfg, strings.NewReader(started)))
	require.Equal(t, 1, count(t, conn, "select count(*) from campaigns where state = 'paused'"))
	require.Equal(t, tasks, count(t, conn, "select count(*) from tasks"))
}

func TestSeedRefusesADocumentThatBreaksTheContract(t *testing.T) {
	cfg, conn := installation(t)
	good := seedFor(uuid.NewString(), "aurora")
	for name, bad := range map[string]string{
		"no JSON":             "{",
		"an unknown field":    strings.Replace(good, `"slug"`, `"slogan"`, 1),
		"something after it":  good + "{}",
		"no tenant id":        seedFor("all", "aurora"),
		"a persona's rule":    strings.Replace(good, `"voice": "plain"`, `"voice": ""`, 1),
		"a feed's rule":       strings.Replace(good, "http://127.0.0.1:7400/feed.xml", "not an address", 1),
		"an unknown account":  strings.Replace(good, `"accounts": ["north.test"]`, `"accounts": ["south.test"]`, 1),
		"an unknown playbook": strings.Replace(good, "trend-post", "no-such", 1),
		"an unknown platform": strings.Replace(good, `"platform": "bluesky"`, `"platform": "myspace"`, 1),
	} {
		err := orchestrator.Seed(t.Context(), cfg, strings.NewReader(bad))
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "canary", name)
		if !strings.Contains(name, "playbook") {
			require.Equal(t, errs.Invalid, errs.KindOf(err), "%s: %v", name, err)
		}
	}
	require.Zero(t, count(t, conn, "select count(*) from campaigns"))
}
