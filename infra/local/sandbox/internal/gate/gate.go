// Package gate is what every platform request passes before its operation: log, rate limit, faults.
package gate

import (
	"net/http"
	"time"

	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/ratelimit"
	"chimera/infra/local/sandbox/internal/requestlog"
)

// Gate is the one way into a platform's operations: it logs the request and lets its fault happen.
type Gate struct {
	Mux      *http.ServeMux
	Platform string
	Faults   *fault.Queue
	Log      *requestlog.Log
	Limiter  *ratelimit.Limiter
	Limit    int // requests per window and account, or per guest host
	Now      func() time.Time
	Dialect  fault.Dialect
	// LimitHeaders writes a window's state as this platform does, on every answer.
	LimitHeaders func(http.Header, ratelimit.State)
	// Identify finds whose request it is; it judges nothing. Empty strings: a guest.
	Identify func(*http.Request) (accountID, handle string)
}

// Handle registers an operation under its fault and log name.
func (g Gate) Handle(pattern, op string, operation http.HandlerFunc) {
	g.Mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		id, handle := g.Identify(r)
		target := fault.Target{
			Platform: g.Platform, Op: op, AccountID: id, Handle: handle,
			Authenticated: r.Header.Get("Authorization") != "",
		}
		answer := &statusWriter{ResponseWriter: w}
		start, kind := g.Now(), ""
		// Deferred, for a hung-up connection leaves by panic and must be on record too.
		defer func() { g.Log.Add(entry(r, target, answer.status, kind, start, g.Now())) }()

		window := g.Limiter.Take(g.Platform+" "+id, g.Limit)
		g.LimitHeaders(answer.Header(), window)
		if !window.OK {
			g.Dialect.RateLimited(answer, window.Reset.Sub(start))
			return
		}
		if f, hit := g.Faults.Take(target); hit {
			kind = f.Kind
			fault.Serve(f, g.Dialect, operation, answer, r)
			return
		}
		operation(answer, r)
	})
}

func entry(r *http.Request, t fault.Target, status int, kind string, start, end time.Time) requestlog.Entry {
	return requestlog.Entry{
		At: start.UTC(), Platform: t.Platform, Op: t.Op, Method: r.Method, Path: clip(r.URL.Path),
		Status: status, DurationMS: float64(end.Sub(start).Microseconds()) / 1000,
		Traceparent: clip(r.Header.Get("Traceparent")), IdempotencyKey: clip(r.Header.Get("Idempotency-Key")),
		Account: t.Handle, Fault: kind,
	}
}

// clip bounds what a client can make the log hold.
func clip(s string) string { return s[:min(len(s), 256)] }

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
