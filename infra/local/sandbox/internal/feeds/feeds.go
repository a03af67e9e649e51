// Package feeds serves invented RSS and Atom documents for trend collection to read.
package feeds

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"net/http"
	"strings"
	"text/template"
	"time"
)

//go:embed documents
var documents embed.FS

type document struct {
	name, mime string
	body       []byte
	etag       string
	modified   time.Time
}

// Feeds are the documents with their dates counted back from the day of start, so that they are
// never stale; they stay the same while the server runs.
type Feeds struct{ documents []document }

// New fills in the dates. An error is a fault in an embedded document.
func New(start time.Time) (*Feeds, error) {
	rss, err := render("home-coffee.xml", "application/rss+xml; charset=utf-8", start)
	if err != nil {
		return nil, err
	}
	atom, err := render("trail-running.xml", "application/atom+xml; charset=utf-8", start)
	if err != nil {
		return nil, err
	}
	return &Feeds{documents: []document{rss, atom}}, nil
}

func render(name, mime string, start time.Time) (document, error) {
	year, month, day := start.UTC().Date()
	doc := document{name: name, mime: mime}
	at := func(daysAgo int, clock string) (time.Time, error) {
		t, err := time.Parse("15:04", clock)
		t = time.Date(year, month, day-daysAgo, t.Hour(), t.Minute(), 0, 0, time.UTC)
		if t.After(doc.modified) {
			doc.modified = t
		}
		return t, err
	}
	as := func(layout string) func(int, string) (string, error) {
		return func(daysAgo int, clock string) (string, error) {
			t, err := at(daysAgo, clock)
			return t.Format(layout), err
		}
	}
	parsed, err := template.New(name).Funcs(template.FuncMap{"rfc822": as(time.RFC1123Z), "rfc3339": as(time.RFC3339)}).
		ParseFS(documents, "documents/"+name)
	if err != nil {
		return document{}, err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, nil); err != nil {
		return document{}, err
	}
	doc.body = out.Bytes()
	doc.etag = fmt.Sprintf(`"%x"`, sha256.Sum256(doc.body))
	return doc, nil
}

// ServeHTTP answers GET /feeds/{name}, with 304 for a matching ETag or date.
func (f *Feeds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, doc := range f.documents {
		if doc.name == strings.TrimPrefix(r.URL.Path, "/feeds/") {
			w.Header().Set("Content-Type", doc.mime)
			w.Header().Set("ETag", doc.etag)
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeContent(w, r, "", doc.modified, bytes.NewReader(doc.body))
			return
		}
	}
	http.NotFound(w, r)
}
