package control

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"chimera/infra/local/sandbox/internal/ledger"
)

type effect struct {
	Seq        int64     `json:"seq"`
	Platform   string    `json:"platform"`
	Account    string    `json:"account"`
	Handle     string    `json:"handle"`
	Key        string    `json:"key"`
	TextSHA256 string    `json:"text_sha256"`
	PostID     string    `json:"post_id"`
	URI        string    `json:"uri"` // at:// URI, or the Mastodon status id
	URL        string    `json:"url"` // path of the post's page
	CreatedAt  time.Time `json:"created_at"`
	Deleted    bool      `json:"deleted"`
}

type tally struct {
	Platform   string `json:"platform"`
	Account    string `json:"account"`
	Key        string `json:"key,omitempty"`
	TextSHA256 string `json:"text_sha256,omitempty"`
	Creations  int    `json:"creations"`
}

// effects is the platforms' own count of what was posted, against which a checker holds the
// system's. Deleted posts count too: each was public once.
func (a *API) effects(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list := []effect{}
	byKey, byText := map[tally]int{}, map[tally]int{}
	for _, p := range a.Ledger.Creations() {
		if platform := q.Get("platform"); platform != "" && p.Platform != platform {
			continue
		}
		if account := q.Get("account"); account != "" && p.Account != account && p.Handle != account {
			continue
		}
		e := effectOf(p)
		list = append(list, e)
		if p.Key != "" {
			byKey[tally{Platform: p.Platform, Account: p.Account, Key: p.Key}]++
		}
		byText[tally{Platform: p.Platform, Account: p.Account, TextSHA256: e.TextSHA256}]++
	}
	keys, doubledKeys := tallies(byKey)
	texts, doubledTexts := tallies(byText)
	reply(w, http.StatusOK, map[string]any{
		"total": len(list), "doubled_keys": doubledKeys, "doubled_texts": doubledTexts,
		"effects": list, "by_key": keys, "by_text": texts,
	})
}

func effectOf(p ledger.Post) effect {
	sum := sha256.Sum256([]byte(p.Text))
	uri := p.NativeID
	if p.Platform == ledger.Bluesky {
		uri = "at://" + p.Account + "/app.bsky.feed.post/" + p.NativeID
	}
	return effect{
		Seq: p.Seq, Platform: p.Platform, Account: p.Account, Handle: p.Handle, Key: p.Key,
		TextSHA256: hex.EncodeToString(sum[:]), PostID: p.ID, URI: uri, URL: "/posts/" + p.ID,
		CreatedAt: p.CreatedAt, Deleted: p.Deleted,
	}
}

// tallies lists the counts, the most creations first, and how many are above one.
func tallies(counts map[tally]int) ([]tally, int) {
	list, doubled := make([]tally, 0, len(counts)), 0
	for t, n := range counts {
		t.Creations = n
		list = append(list, t)
		if n > 1 {
			doubled++
		}
	}
	slices.SortFunc(list, func(x, y tally) int {
		return cmp.Or(cmp.Compare(y.Creations, x.Creations), cmp.Compare(x.Platform, y.Platform),
			cmp.Compare(x.Account, y.Account), cmp.Compare(x.Key+x.TextSHA256, y.Key+y.TextSHA256))
	})
	return list, doubled
}
