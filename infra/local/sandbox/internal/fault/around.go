package fault

import (
	"net/http"
	"time"
)

const holdDefault = time.Minute

// Dialect is how one platform words its failures.
type Dialect struct {
	RateLimited func(w http.ResponseWriter, retryAfter time.Duration)
	ServerError func(w http.ResponseWriter, status int)
	DeadToken   func(w http.ResponseWriter, variant string)
}

// Serve runs next under fault f. Kinds named "after success" let next have its whole effect; what
// the client then sees differs.
func Serve(f Fault, d Dialect, next http.Handler, w http.ResponseWriter, r *http.Request) {
	switch f.Kind {
	case RateLimit:
		d.RateLimited(w, time.Duration(max(1, f.RetryAfterS))*time.Second)
	case Error500Before:
		d.ServerError(w, f.Status)
	case DeadToken:
		d.DeadToken(w, f.Variant)
	case Slow:
		pause(r, f.Delay(time.Second))
		next.ServeHTTP(w, r)
	case Error500After:
		next.ServeHTTP(&discard{header: http.Header{}}, r)
		d.ServerError(w, f.Status)
	case TimeoutAfterSuccess:
		next.ServeHTTP(&discard{header: http.Header{}}, r)
		pause(r, f.Delay(holdDefault))
		hangUp()
	case DropAfterSuccess:
		next.ServeHTTP(&discard{header: http.Header{}}, r)
		hangUp()
	}
}

// hangUp closes the connection without an answer: net/http's documented way to do so.
func hangUp() { panic(http.ErrAbortHandler) }

func pause(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// discard takes an answer that nobody will see.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
