package mastodon

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/ledger"
)

// PageID is a status's ID in the ledger and on the timeline.
func PageID(statusID string) string { return "mastodon-" + statusID }

const (
	listedDefault = 20
	listedMost    = 40
)

// readable says whether a caller may see a post: private and direct ones only their author here,
// for nobody follows anybody.
func readable(p ledger.Post, caller account.Account) bool {
	return p.Visibility == "public" || p.Visibility == "unlisted" || p.Account == caller.ID
}

func (a *API) getStatus(w http.ResponseWriter, r *http.Request) {
	caller, ok := a.reader(w, r)
	if !ok {
		return
	}
	post, found := a.Ledger.Get(PageID(r.PathValue("id")))
	if !found || !readable(post, caller) {
		fail(w, http.StatusNotFound, msgNotFound)
		return
	}
	reply(w, http.StatusOK, a.statusView(r, post))
}

// reader lets guests through, but not a bad token.
func (a *API) reader(w http.ResponseWriter, r *http.Request) (account.Account, bool) {
	if r.Header.Get("Authorization") == "" {
		return account.Account{}, true
	}
	return a.authenticate(w, r)
}

// deleteStatus answers with the status and its source text, for "delete and redraft".
func (a *API) deleteStatus(w http.ResponseWriter, r *http.Request) {
	caller, ok := a.authenticate(w, r)
	if !ok {
		return
	}
	post, found := a.Ledger.Exists(PageID(r.PathValue("id")))
	if !found || post.Account != caller.ID {
		fail(w, http.StatusNotFound, msgNotFound)
		return
	}
	gone, err := a.Ledger.Delete(post.ID)
	if err != nil {
		fail(w, http.StatusNotFound, msgNotFound) // a twin was faster
		return
	}
	view := a.statusView(r, gone)
	view["text"] = gone.Text
	reply(w, http.StatusOK, view)
}

// accountStatuses is newest first. since_id gives the newest above it, min_id those right above it.
func (a *API) accountStatuses(w http.ResponseWriter, r *http.Request) {
	caller, ok := a.reader(w, r)
	if !ok {
		return
	}
	owner, known := a.Accounts.Find(ledger.Mastodon, r.PathValue("id"))
	if !known || owner.ID != r.PathValue("id") {
		fail(w, http.StatusNotFound, msgNotFound)
		return
	}
	q := r.URL.Query()
	limit := listedDefault
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		limit = min(n, listedMost)
	}
	above, below, nearest := idOf(q, "since_id"), idOf(q, "max_id"), false
	if minID := idOf(q, "min_id"); minID > 0 {
		above, nearest = minID, true
	}
	posts := a.Ledger.List(ledger.Query{
		Platform: ledger.Mastodon, Account: owner.ID, Limit: limit, Oldest: nearest,
		Where: func(p ledger.Post) bool {
			id, _ := strconv.ParseInt(p.NativeID, 10, 64) // ours: always a number
			return readable(p, caller) && id > above && (below == 0 || id < below) && (q.Get("only_media") != "true" || len(p.Media) > 0)
		},
	})
	views := make([]map[string]any, 0, len(posts))
	for i := range posts {
		if nearest {
			i = len(posts) - 1 - i
		}
		views = append(views, a.statusView(r, posts[i]))
	}
	if len(views) > 0 {
		base := a.BaseURL(r) + r.URL.Path
		w.Header().Set("Link", fmt.Sprintf(`<%s?max_id=%s>; rel="next", <%s?min_id=%s>; rel="prev"`,
			base, views[len(views)-1]["id"], base, views[0]["id"]))
	}
	reply(w, http.StatusOK, views)
}

func idOf(q url.Values, name string) int64 {
	n, err := strconv.ParseInt(q.Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (a *API) verifyCredentials(w http.ResponseWriter, r *http.Request) {
	caller, ok := a.authenticate(w, r)
	if !ok {
		return
	}
	view := a.accountView(r, caller)
	view["source"] = map[string]any{"privacy": "public", "sensitive": false, "language": "en", "note": "", "fields": []any{}}
	reply(w, http.StatusOK, view)
}
