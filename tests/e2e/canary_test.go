package e2e_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// canaries: after everything that went before, with debug logging on in every process, no secret stands anywhere in
// clear: logs, traces, metrics, errors, Redis, Postgres. Accounts' secrets are in Postgres sealed only.
func canaries(t *testing.T, w *world.World) {
	refusals := provoke(t, w)
	secrets := w.Canaries(t)
	require.Greater(t, len(secrets), 12)
	var found []string
	look := func(where string, text []byte) {
		require.NotEmpty(t, text, where)
		found = append(found, referee.Leaks(where, text, secrets)...)
	}
	for _, refusal := range refusals {
		look("an RPC's error", []byte(refusal))
	}
	files(t, filepath.Join(w.Dir, "logs"), look)
	files(t, filepath.Join(w.Dir, "traces"), look)
	files(t, w.Redis.Dir, func(where string, text []byte) {
		if filepath.Ext(where) != ".conf" { // the server's own configuration holds its password by design
			look(where, text)
		}
	})
	for _, name := range w.Processes() {
		look("metrics of "+name, metricsOf(t, w, name))
	}
	tables(t, w, look)
	require.Empty(t, found)

	// Planted: the same search finds each secret when it does stand there.
	var dump strings.Builder
	for _, value := range secrets {
		fmt.Fprintln(&dump, value)
	}
	require.GreaterOrEqual(t, len(referee.Leaks("planted", []byte(dump.String()), secrets)), len(secrets))
	line, err := os.ReadFile(filepath.Join(w.Dir, "logs", "worker-0.log"))
	require.NoError(t, err)
	require.Contains(t, string(line), `"level":"DEBUG"`, "without debug lines this search proves too little")
}

// provoke makes errors out of requests that carry secrets, and feeds that hold some.
func provoke(t *testing.T, w *world.World) (refusals []string) {
	t.Helper()
	refuse := func(err error) {
		require.Error(t, err)
		refusals = append(refusals, fmt.Sprintf("%v %+v", err, err))
	}
	ada, olga := w.As("ada"), w.As("olga")
	r := w.Launch(t, world.Options{})
	account := r.Accounts[0]
	_, err := ada.ConnectAccount(t.Context(), &platformv1.ConnectAccountRequest{AgentId: "no-uuid", Platform: "bluesky", Handle: "x.test", BaseUrl: w.Sandbox.URL, Secret: w.Plant("secret of an invalid ConnectAccount")})
	refuse(err)
	_, err = ada.ReplaceSecret(t.Context(), &platformv1.ReplaceSecretRequest{AccountId: account.GetId(), StateVersion: account.GetStateVersion() + 7, Secret: w.Plant("secret of a stale ReplaceSecret")})
	refuse(err)
	refused(t, err, typev1.Reason_REASON_STALE_VERSION)
	_, err = w.WithToken(w.Plant("a bearer token that is none")).ListReviews(t.Context(), &platformv1.ListReviewsRequest{})
	refuse(err)
	userinfo := "http://reader:" + w.Plant("password in a feed's URL") + "@" + strings.TrimPrefix(w.Feeds.URL, "http://") + "/private.xml"
	_, err = olga.CreateCampaign(t.Context(), &platformv1.CreateCampaignRequest{
		AgentId: r.AgentID, AccountIds: []string{account.GetId()}, Name: "private feed", Goal: "g", Playbook: "trend-post",
		Parameters: &platformv1.CampaignParameters{Feeds: []string{userinfo}, Slot: r.Campaign.GetParameters().GetSlot()},
	})
	refuse(err)
	ada2, err := ada.ReplaceSecret(t.Context(), &platformv1.ReplaceSecretRequest{AccountId: account.GetId(), StateVersion: account.GetStateVersion(), Secret: w.AccountSecret(account)})
	require.NoError(t, err)
	require.NotContains(t, ada2.String(), w.AccountSecret(account))
	r.ApproveAll(t)
	r.Completed(t)
	return refusals
}

func files(t *testing.T, dir string, look func(where string, text []byte)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) > 0 {
			n++
			look(path, raw)
		}
		return err
	})
	require.NoError(t, err)
	require.NotZero(t, n, dir)
}

func metricsOf(t *testing.T, w *world.World, name string) []byte {
	t.Helper()
	res, err := http.Get(w.Ops(name) + "/metrics")
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return raw
}

// tables reads every row of every table as text, past row-level security; bytea comes as hex, which is looked for too.
func tables(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	names := world.Column[string](t, w.Database, `select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
	require.Greater(t, len(names), 15)
	for _, name := range names {
		var all strings.Builder
		all.WriteString(name + "\n")
		rows, err := w.Database.Query(context.Background(), "select t::text from "+name+" t")
		require.NoError(t, err)
		for rows.Next() {
			var row string
			require.NoError(t, rows.Scan(&row))
			all.WriteString(row + "\n")
		}
		require.NoError(t, rows.Err())
		look(name, []byte(all.String()))
	}
}
