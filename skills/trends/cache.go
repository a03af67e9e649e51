package main

import (
	"container/list"
	"sync"
	"time"
)

// maxCached feeds, each at most 50 capped items: about 15 MiB at worst.
const maxCached = 128

// cachedFeed is a feed's last good answer with what makes the next request conditional.
type cachedFeed struct {
	etag, modified, title string
	at                    time.Time
	items                 []item // shared between calls: never changed once stored
}

// feedCache forgets the least recently used feed first.
type feedCache struct {
	mu    sync.Mutex
	order *list.List // of cacheEntry, most recent first
	byURL map[string]*list.Element
}

type cacheEntry struct {
	url  string
	feed cachedFeed
}

func newFeedCache() *feedCache {
	return &feedCache{order: list.New(), byURL: map[string]*list.Element{}}
}

func (c *feedCache) get(url string) (cachedFeed, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byURL[url]
	if !ok {
		return cachedFeed{}, false
	}
	c.order.MoveToFront(el)
	return el.Value.(cacheEntry).feed, true
}

func (c *feedCache) put(url string, feed cachedFeed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byURL[url]; ok {
		c.order.Remove(el)
	}
	c.byURL[url] = c.order.PushFront(cacheEntry{url, feed})
	if c.order.Len() > maxCached {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byURL, last.Value.(cacheEntry).url)
	}
}
