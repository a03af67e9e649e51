// Package ratelimit counts requests in fixed windows of five minutes, the unit both platforms publish.
package ratelimit

import (
	"sync"
	"time"
)

const (
	Window     = 5 * time.Minute
	maxBuckets = 10_000
)

// State is a bucket after a request was counted.
type State struct {
	Limit, Remaining int
	Reset            time.Time
	OK               bool
}

// Limiter counts requests per key in fixed windows; safe for concurrent use.
type Limiter struct {
	Now     func() time.Time
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	used  int
	reset time.Time
}

// Take counts one request. A refused request is counted too, but never moves the reset.
func (l *Limiter) Take(name string, limit int) State {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	b := l.buckets[name]
	if b == nil || !now.Before(b.reset) {
		if len(l.buckets) >= maxBuckets || l.buckets == nil {
			l.buckets = map[string]*bucket{} // forgetting all is safe here: limits only become laxer
		}
		b = &bucket{reset: now.Add(Window)}
		l.buckets[name] = b
	}
	b.used++
	return State{Limit: limit, Remaining: max(0, limit-b.used), Reset: b.reset, OK: b.used <= limit}
}
