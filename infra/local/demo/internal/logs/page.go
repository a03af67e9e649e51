package logs

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
)

//go:embed page.html
var source string

var page = template.Must(template.New("page").Parse(source))

// Handler serves the page: GET /?request_id=ID, task_id or trace_id; the names only tell people what they look for.
func Handler(dir string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		view := struct {
			ID, Problem string
			Lines       []Line
			More        bool
			Most        int
		}{Most: most}
		for _, name := range []string{"request_id", "task_id", "trace_id"} {
			if id := r.URL.Query().Get(name); id != "" {
				view.ID = id
			}
		}
		status := http.StatusOK
		if view.ID != "" {
			var err error
			if view.Lines, view.More, err = Find(dir, view.ID); err != nil {
				status, view.Problem = http.StatusInternalServerError, "The log files cannot be read: "+err.Error()
				if errors.Is(err, ErrID) {
					status, view.Problem = http.StatusBadRequest, err.Error()
				}
			}
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = page.Execute(w, view) // the browser went away
	})
	return mux
}
