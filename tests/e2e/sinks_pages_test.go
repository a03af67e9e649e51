package e2e_test

import (
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

var (
	anchor = regexp.MustCompile(`href=\\?"(/[^"\\#]*)`)
	object = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}`)
	// A token in a page would be in anybody's hands who can run a script there.
	bearer = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.`)
)

// Of each kind of page so many are read, and so many in all.
const (
	perKind  = 3
	maxPages = 120
)

// pages follows every link that the Platform shows to both tenants' admins and to nobody in particular, and reads all
// that it serves as files: what a browser is given, with the headers.
func pages(t *testing.T, w *world.World, static string, look func(where string, text []byte)) {
	t.Helper()
	shown, objects := 0, 0
	for _, person := range []string{"", "ada", "boris"} {
		browser := &http.Client{}
		if person != "" {
			browser = w.Browser(t, person)
		}
		queue, seen, kinds := []string{"/", "/login"}, map[string]bool{}, map[string]int{}
		for len(queue) > 0 && len(seen) < maxPages {
			path := queue[0]
			queue = queue[1:]
			bare, _, _ := strings.Cut(path, "?")
			kind := object.ReplaceAllString(bare, "…")
			if seen[bare] || kinds[kind] >= perKind || strings.HasPrefix(bare, "/api/") || strings.HasPrefix(bare, "/_next/") {
				continue
			}
			seen[bare] = true
			kinds[kind]++
			head, body := page(t, browser, w.PlatformURL()+path)
			look(person+" "+bare, append([]byte(head), body...))
			require.NotRegexp(t, bearer, string(body), "an access token in %s", bare)
			shown++
			if kind != bare {
				objects++
			}
			for _, found := range anchor.FindAllSubmatch(body, -1) {
				queue = append(queue, html.UnescapeString(string(found[1])))
			}
		}
	}
	require.Greater(t, shown, 20, "pages")
	require.Greater(t, objects, 5, "pages of single objects")
	files := scripts(t, w, static, look)
	t.Logf("the Platform: %d pages, %d of them of single objects; %d files", shown, objects, files)
}

func page(t *testing.T, browser *http.Client, address string) (head string, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	res, err := browser.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(res.Body, 16<<20))
	require.NoError(t, err)
	require.Less(t, res.StatusCode, 500, "%s: %.300s", address, body)
	return fmt.Sprint(res.StatusCode, res.Header), body
}

// scripts are built before there is a secret. What they could hold is the server's own code, which knows where its
// secrets are.
func scripts(t *testing.T, w *world.World, static string, look func(where string, text []byte)) (n int) {
	t.Helper()
	require.NoError(t, fs.WalkDir(os.DirFS(static), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) == ".woff2" {
			return err
		}
		_, body := page(t, http.DefaultClient, w.PlatformURL()+"/_next/static/"+path)
		look("/_next/static/"+path, body)
		for _, name := range ownVariables {
			require.NotContains(t, string(body), name, "the server's code in %s", path)
		}
		n++
		return nil
	}))
	require.Greater(t, n, 10)
	return n
}
