package atproto

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chimera/infra/local/sandbox/internal/ledger"
)

const maxListed = 100

// pageID is a post's ID in the ledger and on the timeline.
func pageID(did, rkey string) string {
	return "bluesky-" + strings.TrimPrefix(did, "did:plc:") + "-" + rkey
}

func uriOf(p ledger.Post) string {
	return "at://" + p.Account + "/" + postCollection + "/" + p.NativeID
}

// PageIDOf turns an at:// URI of a post into its page id; "" if it is none.
func PageIDOf(uri string) string {
	parts := strings.Split(strings.TrimPrefix(uri, "at://"), "/")
	if !strings.HasPrefix(uri, "at://") || len(parts) != 3 || parts[1] != postCollection {
		return ""
	}
	return pageID(parts[0], parts[2])
}

func (a *API) getRecord(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	owner, ok := a.Accounts.Find(ledger.Bluesky, q.Get("repo"))
	if !ok {
		badRequest(w, "InvalidRequest", "Could not find repo: %s", q.Get("repo"))
		return
	}
	post, ok := a.Ledger.Get(pageID(owner.ID, q.Get("rkey")))
	if !ok || q.Get("collection") != postCollection || q.Get("cid") != "" && q.Get("cid") != post.CID {
		badRequest(w, "RecordNotFound", "Could not locate record: at://%s/%s/%s", owner.ID, q.Get("collection"), q.Get("rkey"))
		return
	}
	reply(w, recordView(post))
}

func recordView(p ledger.Post) map[string]any {
	return map[string]any{"uri": uriOf(p), "cid": p.CID, "value": p.Record}
}

// listRecords goes by rkey, the highest first unless reverse; the cursor is the last rkey given.
func (a *API) listRecords(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	owner, ok := a.Accounts.Find(ledger.Bluesky, q.Get("repo"))
	if !ok {
		badRequest(w, "InvalidRequest", "Could not find repo: %s", q.Get("repo"))
		return
	}
	limit := 50
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxListed {
			badRequest(w, "InvalidRequest", "Params/limit must be within 1 and %d", maxListed)
			return
		}
		limit = n
	}
	reverse, cursor := q.Get("reverse") == "true", q.Get("cursor")
	posts := a.Ledger.List(ledger.Query{Platform: ledger.Bluesky, Account: owner.ID, Limit: maxScan, Where: func(p ledger.Post) bool {
		return q.Get("collection") == postCollection && (cursor == "" || (p.NativeID < cursor) != reverse && p.NativeID != cursor)
	}})
	slices.SortFunc(posts, func(x, y ledger.Post) int {
		if reverse {
			x, y = y, x
		}
		return strings.Compare(y.NativeID, x.NativeID)
	})
	out := map[string]any{}
	if len(posts) > limit {
		posts = posts[:limit]
	}
	if len(posts) > 0 {
		out["cursor"] = posts[len(posts)-1].NativeID
	}
	records := make([]any, 0, len(posts))
	for _, p := range posts {
		records = append(records, recordView(p))
	}
	out["records"] = records
	reply(w, out)
}

// maxScan: rkeys need not rise with time, so a page is cut after sorting; the ledger's own bound holds.
const maxScan = 1 << 20

const maxURIs = 25

// getPosts stands in for an AppView. Unknown posts are left out, as there.
func (a *API) getPosts(w http.ResponseWriter, r *http.Request) {
	uris := r.URL.Query()["uris"]
	if len(uris) == 0 || len(uris) > maxURIs {
		badRequest(w, "InvalidRequest", "Params/uris must have 1 to %d elements", maxURIs)
		return
	}
	views := make([]any, 0, len(uris))
	for _, uri := range uris {
		p, ok := a.Ledger.Get(PageIDOf(uri))
		if !ok {
			continue
		}
		views = append(views, map[string]any{
			"uri": uriOf(p), "cid": p.CID, "record": p.Record,
			"author":    map[string]any{"did": p.Account, "handle": p.Handle, "displayName": p.Author},
			"indexedAt": p.VisibleAt.UTC().Format(time.RFC3339Nano), "labels": labelViews(p),
			"likeCount": p.Counts.Likes, "repostCount": p.Counts.Reposts,
			"replyCount": p.Counts.Replies, "quoteCount": p.Counts.Quotes,
		})
	}
	reply(w, map[string]any{"posts": views})
}

func labelViews(p ledger.Post) []map[string]any {
	views := make([]map[string]any, 0, len(p.Labels))
	for _, value := range p.Labels {
		views = append(views, map[string]any{
			"src": p.Account, "uri": uriOf(p), "cid": p.CID, "val": value,
			"cts": p.CreatedAt.UTC().Format(time.RFC3339Nano),
		})
	}
	return views
}
