// Package requestlog keeps the last requests the platforms received, for trace tests.
package requestlog

import (
	"sync"
	"time"
)

const kept = 1000

// Entry is one request to a platform. Status 0: no answer was sent.
type Entry struct {
	Seq            int64     `json:"seq"`
	At             time.Time `json:"at"`
	Platform       string    `json:"platform"`
	Op             string    `json:"op"`
	Method         string    `json:"method"`
	Path           string    `json:"path"`
	Status         int       `json:"status"`
	DurationMS     float64   `json:"duration_ms"`
	Traceparent    string    `json:"traceparent"`
	IdempotencyKey string    `json:"idempotency_key"`
	Account        string    `json:"account"`
	Fault          string    `json:"fault"`
}

// Log keeps the last requests in a ring; safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	ring [kept]Entry
	seq  int64
}

func (l *Log) Add(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Seq = l.seq + 1
	l.ring[l.seq%kept] = e
	l.seq++
}

// Last returns up to n entries, newest first.
func (l *Log) Last(n int) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = min(n, kept, int(l.seq))
	last := make([]Entry, 0, max(n, 0))
	for i := range n {
		last = append(last, l.ring[(l.seq-1-int64(i))%kept])
	}
	return last
}
