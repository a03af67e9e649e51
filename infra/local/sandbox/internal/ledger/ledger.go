package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// ErrNotFound says that there is no such live post or media.
var ErrNotFound = errors.New("not found")

const (
	maxJournalBytes = 64 << 20
	maxMediaBytes   = 1 << 30
)

// Ledger holds posts and media, and journals every change before it counts; safe for concurrent use.
type Ledger struct {
	mu      sync.RWMutex
	dir     string
	now     func() time.Time
	journal *journal
	posts   []*Post          // by Seq, deleted ones included
	live    map[string]*Post // by ID
	keyed   map[string]*Post // newest post per platform, account and key
	media   map[string]*Media
	blobs   map[string]string // MIME by CID
	stored  int64             // bytes of media
	lastID  int64             // of NextID
}

// Open reads dir, which it makes if it is missing.
func Open(dir string, now func() time.Time) (*Ledger, error) {
	if err := os.MkdirAll(filepath.Join(dir, "blobs"), 0o700); err != nil {
		return nil, err
	}
	l := &Ledger{
		dir: dir, now: now, live: map[string]*Post{}, keyed: map[string]*Post{},
		media: map[string]*Media{}, blobs: map[string]string{},
	}
	var err error
	l.journal, err = openJournal(filepath.Join(dir, "posts.jsonl"), maxJournalBytes, l.apply)
	return l, err
}

func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.journal.file.Close()
}

// record is the only way state changes: first the file, then the same apply that a restart uses.
func (l *Ledger) record(e event) error {
	e.At = l.now()
	if err := l.journal.append(e); err != nil {
		return err
	}
	l.apply(e)
	return nil
}

func (l *Ledger) apply(e event) {
	switch e.Op {
	case "create":
		l.posts = append(l.posts, e.Post)
		l.live[e.Post.ID] = e.Post
		if e.Post.Key != "" {
			l.keyed[keyOf(e.Post.Platform, e.Post.Account, e.Post.Key)] = e.Post
		}
		l.attach(e.Post)
		l.seenID(e.Post.NativeID)
	case "update":
		if old := l.live[e.Post.ID]; old != nil {
			*old = *e.Post
			l.attach(e.Post)
		}
	case "delete":
		if old := l.live[e.ID]; old != nil {
			old.Deleted = true
			delete(l.live, e.ID)
		}
	case "engage":
		if old := l.live[e.ID]; old != nil {
			old.Counts = old.Counts.plus(*e.Counts)
		}
	case "media":
		if _, known := l.blobs[e.Media.CID]; !known {
			l.stored += e.Media.Size
		}
		l.blobs[e.Media.CID] = e.Media.MIME
		l.media[e.Media.ID] = e.Media
		l.seenID(e.Media.ID)
	}
}

// seenID keeps NextID rising over a restart, even if the clock went back.
func (l *Ledger) seenID(id string) {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil { // Bluesky's ids are no numbers
		l.lastID = max(l.lastID, n)
	}
}

func (l *Ledger) attach(p *Post) {
	for _, image := range p.Media {
		if m := l.media[image.MediaID]; m != nil {
			m.Attached = true
		}
	}
}

// NextID is a number that rises for ever, also over restarts: milliseconds, then a counter, as
// Mastodon's own ids.
func (l *Ledger) NextID() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastID = max(l.lastID+1, l.now().UnixMilli()<<16)
	return l.lastID
}

func keyOf(platform, account, key string) string { return platform + "\x00" + account + "\x00" + key }

func (c Counts) plus(d Counts) Counts {
	return Counts{
		Likes: max(0, c.Likes+d.Likes), Reposts: max(0, c.Reposts+d.Reposts),
		Replies: max(0, c.Replies+d.Replies), Quotes: max(0, c.Quotes+d.Quotes),
	}
}
