package ledger

import (
	"bytes"
	"errors"
	"time"
)

// Outcome says what a write did to the timeline.
type Outcome int

const (
	Created Outcome = iota
	Updated
	Unchanged
)

// ErrMediaTaken says that an upload is used already: on Mastodon it belongs to one post.
var ErrMediaTaken = errors.New("media already attached")

// Create stores p unless its ID is live or its Key was used within window; then it returns the
// post that is there, Unchanged. Window 0 looks at no keys. The returned post may be Deleted: its
// key is still taken.
func (l *Ledger) Create(p Post, window time.Duration) (Post, Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.live[p.ID]; old != nil {
		return *old, Unchanged, nil
	}
	if old, used := l.byKey(p.Platform, p.Account, p.Key, window); used {
		return old, Unchanged, nil
	}
	for _, image := range p.Media {
		if m := l.media[image.MediaID]; p.Platform == Mastodon && m != nil && m.Attached {
			return Post{}, Unchanged, ErrMediaTaken
		}
	}
	return l.create(p)
}

// Put stores p under its ID: a new post, a changed one, or nothing if the record is the same.
func (l *Ledger) Put(p Post) (Post, Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.live[p.ID]
	if old == nil {
		return l.create(p)
	}
	if old.CID == p.CID && bytes.Equal(old.Record, p.Record) {
		return *old, Unchanged, nil
	}
	p.Seq, p.CreatedAt, p.VisibleAt, p.Counts = old.Seq, old.CreatedAt, old.VisibleAt, old.Counts
	if err := l.record(event{Op: "update", Post: &p}); err != nil {
		return Post{}, Unchanged, err
	}
	return p, Updated, nil
}

func (l *Ledger) create(p Post) (Post, Outcome, error) {
	p.Seq = int64(len(l.posts)) + 1
	p.CreatedAt = l.now().UTC()
	if p.VisibleAt.Before(p.CreatedAt) {
		p.VisibleAt = p.CreatedAt
	}
	stored := p
	if err := l.record(event{Op: "create", Post: &stored}); err != nil {
		return Post{}, Unchanged, err
	}
	return p, Created, nil
}

// Delete returns the post as it was. ErrNotFound if it is not live.
func (l *Ledger) Delete(id string) (Post, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.live[id]
	if old == nil {
		return Post{}, ErrNotFound
	}
	gone := *old
	return gone, l.record(event{Op: "delete", ID: id})
}

// Engage adds to a post's counts, which never fall below zero.
func (l *Ledger) Engage(id string, add Counts) (Counts, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.live[id]
	if old == nil {
		return Counts{}, ErrNotFound
	}
	if err := l.record(event{Op: "engage", ID: id, Counts: &add}); err != nil {
		return Counts{}, err
	}
	return old.Counts, nil
}
