// Package timeline shows the posts of both sandbox platforms to people, as plain HTML.
package timeline

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/ledger"
)

//go:embed templates
var files embed.FS

var pages = template.Must(template.ParseFS(files, "templates/*.html"))

const perPage = 20

// Pages are the public timeline and the posts' own pages.
type Pages struct {
	Ledger   *ledger.Ledger
	Accounts *account.Directory
	Log      *slog.Logger
}

func (p *Pages) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", p.timeline)
	mux.HandleFunc("GET /posts/{id}", p.post)
	mux.HandleFunc("GET /media/{cid}", p.media)
	mux.HandleFunc("GET /style.css", p.style)
	// The addresses that the real networks' own pages have.
	mux.HandleFunc("GET /profile/{actor}/post/{rkey}", p.fromBluesky)
	mux.HandleFunc("/", p.fromMastodon) // "/@handle/id": the mux has no pattern for it
}

type page struct {
	Title, Platform string
	Posts           []postView
	Older           string // link to the next page, "" on the last
	Newest          bool   // this is the first page
	Single          bool
}

func (p *Pages) timeline(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	platform := q.Get("platform")
	if platform != "" && platform != ledger.Bluesky && platform != ledger.Mastodon {
		http.Error(w, "platform must be bluesky or mastodon", http.StatusBadRequest)
		return
	}
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64) // nonsense shows the newest
	posts := p.Ledger.List(ledger.Query{
		Platform: platform, Before: max(0, before), Limit: perPage + 1,
		Where: func(post ledger.Post) bool { return post.Visibility == "public" },
	})
	view := page{Title: "Timeline", Platform: platform, Newest: before <= 0}
	if len(posts) > perPage {
		posts = posts[:perPage]
		next := url.Values{"before": {strconv.FormatInt(posts[perPage-1].Seq, 10)}}
		if platform != "" {
			next.Set("platform", platform)
		}
		view.Older = "/?" + next.Encode()
	}
	for _, post := range posts {
		view.Posts = append(view.Posts, p.viewOf(post))
	}
	p.render(w, http.StatusOK, view)
}

func (p *Pages) post(w http.ResponseWriter, r *http.Request) {
	post, ok := p.Ledger.Get(r.PathValue("id"))
	if !ok || post.Visibility != "public" && post.Visibility != "unlisted" {
		p.render(w, http.StatusNotFound, page{Title: "No such post", Single: true})
		return
	}
	p.render(w, http.StatusOK, page{Title: "Post by " + post.Author, Single: true, Posts: []postView{p.viewOf(post)}})
}

func (p *Pages) fromBluesky(w http.ResponseWriter, r *http.Request) {
	actor := r.PathValue("actor")
	if found, ok := p.Accounts.Find(ledger.Bluesky, actor); ok {
		actor = found.ID
	}
	http.Redirect(w, r, "/posts/"+url.PathEscape("bluesky-"+strings.TrimPrefix(actor, "did:plc:")+"-"+r.PathValue("rkey")), http.StatusFound)
}

func (p *Pages) fromMastodon(w http.ResponseWriter, r *http.Request) {
	at, id, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !ok || !strings.HasPrefix(at, "@") {
		http.NotFound(w, r)
		return
	}
	http.Redirect(w, r, "/posts/"+url.PathEscape("mastodon-"+id), http.StatusFound)
}

func (p *Pages) media(w http.ResponseWriter, r *http.Request) {
	file, mime, err := p.Ledger.Blob(r.PathValue("cid"))
	if err != nil || !strings.HasPrefix(mime, "image/") && !strings.HasPrefix(mime, "video/") {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = file.Close() }()
	protect(w.Header())
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // named by their hash
	_, _ = io.Copy(w, file)                                                // the client left: nobody to tell
}

func (p *Pages) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "templates/style.css")
}

func (p *Pages) render(w http.ResponseWriter, status int, view page) {
	var out bytes.Buffer // whole before it is sent: no half page under a 200
	if err := pages.ExecuteTemplate(&out, "page.html", view); err != nil {
		p.Log.Error("timeline page failed", "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	protect(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w)
}

// protect is the second lock behind html/template's escaping: posts come from outside.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}
