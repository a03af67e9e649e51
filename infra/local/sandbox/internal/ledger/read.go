package ledger

import "time"

// Exists finds the live post under an ID, whether or not reads may see it yet: a writer always meets it.
func (l *Ledger) Exists(id string) (Post, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	p := l.live[id]
	if p == nil {
		return Post{}, false
	}
	return *p, true
}

// KeyUsed says whether an account ever created a post under key.
func (l *Ledger) KeyUsed(platform, account, key string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return key != "" && l.keyed[keyOf(platform, account, key)] != nil
}

// ByKey finds the post an account made under key within window, also a deleted one.
func (l *Ledger) ByKey(platform, account, key string, window time.Duration) (Post, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.byKey(platform, account, key, window)
}

func (l *Ledger) byKey(platform, account, key string, window time.Duration) (Post, bool) {
	p := l.keyed[keyOf(platform, account, key)]
	if key == "" || p == nil || l.now().Sub(p.CreatedAt) >= window {
		return Post{}, false
	}
	return *p, true
}

// Get finds a live post that reads may see.
func (l *Ledger) Get(id string) (Post, bool) {
	p, ok := l.Exists(id)
	if !ok || p.VisibleAt.After(l.now()) {
		return Post{}, false
	}
	return p, true
}

// Query selects live, visible posts. Zero fields do not select.
type Query struct {
	Platform, Account string
	Before, After     int64           // Seq, exclusive
	Oldest            bool            // oldest first; else newest first
	Limit             int             // 0: none are returned
	Where             func(Post) bool // nil: all
}

func (l *Ledger) List(q Query) []Post {
	l.mu.RLock()
	defer l.mu.RUnlock()
	now := l.now()
	var found []Post
	for i := 0; i < len(l.posts) && len(found) < q.Limit; i++ {
		p := l.posts[i]
		if !q.Oldest {
			p = l.posts[len(l.posts)-1-i]
		}
		if p.Deleted || p.VisibleAt.After(now) || q.Platform != "" && p.Platform != q.Platform ||
			q.Account != "" && p.Account != q.Account || q.Before > 0 && p.Seq >= q.Before || p.Seq <= q.After {
			continue
		}
		if q.Where == nil || q.Where(*p) {
			found = append(found, *p)
		}
	}
	return found
}

// Creations are all posts ever created, deleted ones too, oldest first.
func (l *Ledger) Creations() []Post {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make([]Post, len(l.posts))
	for i, p := range l.posts {
		all[i] = *p
	}
	return all
}
