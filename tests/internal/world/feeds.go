package world

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Feeds is a web server of the outside world, whose documents tests write: what a hostile or careless feed says.
type Feeds struct {
	URL       string
	mu        sync.Mutex
	documents map[string]string
	hangs     map[string]int // by path: how many requests were left without an answer
}

func newFeeds(t testing.TB) *Feeds {
	f := &Feeds{documents: map[string]string{}, hangs: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		document, ok := f.documents[r.URL.Path]
		_, hang := f.hangs[r.URL.Path]
		if hang && !ok {
			f.hangs[r.URL.Path]++
		}
		f.mu.Unlock()
		if hang && !ok {
			<-r.Context().Done()
			return
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = w.Write([]byte(document))
	}))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Write puts a document at a path and answers its URL.
func (f *Feeds) Write(path, document string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.documents[path] = document
	return f.URL + path
}

// Hang leaves requests for a path without an answer until something is written there. It answers the path's URL, and
// how many requests came.
func (f *Feeds) Hang(path string) (url string, came func() int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hangs[path] = 0
	return f.URL + path, func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.hangs[path]
	}
}
