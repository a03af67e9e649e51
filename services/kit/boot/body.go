package boot

import (
	"io"
	"net/http"
	"time"
)

// boundBody gives the body of each request bodyTimeout to arrive. The deadline is lifted once it has: on HTTP/1
// a read deadline that passes while a long answer is being written would cancel the request.
func boundBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			rc := http.NewResponseController(w)
			if rc.SetReadDeadline(time.Now().Add(bodyTimeout)) == nil {
				r.Body = &timedBody{ReadCloser: r.Body, arrived: func() { _ = rc.SetReadDeadline(time.Time{}) }}
			}
		}
		next.ServeHTTP(w, r)
	})
}

type timedBody struct {
	io.ReadCloser
	arrived func()
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && b.arrived != nil {
		b.arrived()
		b.arrived = nil
	}
	return n, err
}
