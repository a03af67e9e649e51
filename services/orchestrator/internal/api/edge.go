package api

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/google/uuid"

	"chimera/services/kit/boot"
)

// RequestIDHeader is on every answer, and leads to the log lines and audit entries of the call. A caller may
// set it to join its own records to ours.
const RequestIDHeader = "chimera-request-id"

var requestID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// edge is what holds for every request, RPC or not, before it is known what it asks for.
func (c *core) edge(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestIDHeader)
		if !requestID.MatchString(id) {
			id = uuid.Must(uuid.NewV7()).String()
		}
		w.Header().Set(RequestIDHeader, id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		within := c.Deadline
		if longer, ok := streams[r.URL.Path]; ok {
			within = longer
			// A client that reads nothing blocks a write, and no context ends that.
			writes := http.NewResponseController(w)
			_ = writes.SetWriteDeadline(time.Now().Add(longer))
			defer func() { _ = writes.SetWriteDeadline(time.Time{}) }() // the connection serves other requests
		}
		ctx, cancel := context.WithTimeout(boot.WithIDs(r.Context(), boot.IDs{Request: id}), within)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
