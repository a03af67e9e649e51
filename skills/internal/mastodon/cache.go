package mastodon

import (
	"sync"
	"time"
)

const (
	cacheFor = time.Hour
	maxCache = 1000
)

// cache keeps facts of servers and accounts that change seldom. A failed read is never kept.
type cache[V any] struct {
	mu      sync.Mutex
	entries map[string]cached[V]
	now     func() time.Time
}

type cached[V any] struct {
	value V
	until time.Time
}

func newCache[V any](now func() time.Time) *cache[V] {
	return &cache[V]{entries: map[string]cached[V]{}, now: now}
}

func (c *cache[V]) get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	return e.value, ok && c.now().Before(e.until)
}

func (c *cache[V]) put(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCache {
		clear(c.entries) // they cost one read each to come back
	}
	c.entries[key] = cached[V]{v, c.now().Add(cacheFor)}
}
