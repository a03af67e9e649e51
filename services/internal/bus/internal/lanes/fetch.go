package lanes

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 3 * time.Second
)

// Fetch waits until there is something to do and answers at most free entries, one turn of all tenants
// after the other. It answers none only when ctx has ended. Redis being away, restarted or emptied is
// waited out here.
func (l *Lanes) Fetch(ctx context.Context, free int) []Entry {
	backoff := minBackoff
	for {
		if n := min(free, len(l.held)); n > 0 {
			out := l.held[:n:n]
			l.held = l.held[n:]
			return out
		}
		if ctx.Err() != nil {
			return nil
		}
		l.slowDown(ctx)
		entries, err := l.read(ctx, free)
		l.hold(entries)
		l.noteRead(ctx, err)
		if err == nil {
			backoff = minBackoff
			continue
		}
		pause(ctx, backoff/2+rand.N(backoff))
		backoff = min(2*backoff, maxBackoff)
	}
}

// read makes one step: something at once if a tenant has it, else a wait of at most Block.
func (l *Lanes) read(ctx context.Context, free int) ([]Entry, error) {
	if err := l.refresh(ctx); err != nil {
		return nil, err
	}
	if entries, err := l.reclaim(ctx, free); err != nil || len(entries) > 0 {
		return entries, err
	}
	if len(l.roster.hot) > 0 {
		// As many streams as there is room for: what is read and not started waits here while another worker idles.
		return l.readFrom(ctx, l.roster.next(min(free, l.cfg.MaxStreams)), free, -1)
	}
	streams, all := l.roster.watch(l.cfg.MaxStreams)
	if len(streams) == 0 {
		pause(ctx, l.cfg.Block)
		return nil, nil
	}
	block := l.cfg.Block
	if !all {
		block = min(block, refreshEvery)
	}
	return l.readFrom(ctx, streams, free, block)
}

// readFrom reads streams once; block < 0 never waits. Streams that may hold more, or could not be read, are hot again.
func (l *Lanes) readFrom(ctx context.Context, streams []*stream, free int, block time.Duration) ([]Entry, error) {
	if err := l.group(ctx, streams); err != nil {
		l.heatAll(streams)
		return nil, err
	}
	keys := make([]string, 0, 2*len(streams))
	for _, s := range streams {
		if !s.broken {
			keys = append(keys, s.name)
		}
	}
	n := len(keys)
	if n == 0 {
		return nil, nil
	}
	for range n {
		keys = append(keys, ">")
	}
	// COUNT is per stream; with one tenant it fills all the room in one round trip.
	count := max(1, free/n)
	found, err := l.reader.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: l.cfg.Group, Consumer: l.cfg.Consumer, Streams: keys, Count: int64(count), Block: block,
	}).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, nil
	case groupMissing(err):
		l.cfg.Log.WarnContext(ctx, "consumer groups are gone, making them again", "group", l.cfg.Group, "streams", n)
		for _, s := range streams {
			s.grouped = false
		}
		l.heatAll(streams)
		return nil, nil
	case err != nil:
		l.heatAll(streams)
		for _, s := range streams {
			s.grouped = false
		}
		return nil, err
	}
	return l.take(found, count), nil
}

func (l *Lanes) take(found []redis.XStream, count int) []Entry {
	var entries []Entry
	for _, f := range found {
		for _, m := range f.Messages {
			entries = append(entries, Entry{Ref: Ref{f.Stream, m.ID}, Values: m.Values, Deliveries: 1})
		}
		// A stream that gave less than asked for is empty; its next publication makes it hot again.
		if s := l.roster.byName[f.Stream]; s != nil && len(f.Messages) >= count {
			l.roster.heat(s)
		}
	}
	return entries
}

// group makes the groups that are not known to exist, from the beginning of each stream: an entry may be older than its group.
func (l *Lanes) group(ctx context.Context, streams []*stream) error {
	pipe := l.ops.Pipeline()
	var made []*stream
	var answers []*redis.StatusCmd
	for _, s := range streams {
		if !s.grouped && !s.broken {
			made = append(made, s)
			answers = append(answers, pipe.XGroupCreateMkStream(ctx, s.name, l.cfg.Group, "0"))
		}
	}
	if len(made) == 0 {
		return nil
	}
	// Each answer is looked at below; Exec's error is only the first of them.
	_, _ = pipe.Exec(ctx)
	for i, s := range made {
		err := answers[i].Err()
		switch {
		case err == nil || strings.HasPrefix(err.Error(), "BUSYGROUP"):
			s.grouped = true
		case strings.HasPrefix(err.Error(), "WRONGTYPE"):
			// One bad key must not stop all tenants.
			l.cfg.Log.ErrorContext(ctx, "a topic's key is no stream; leaving it out", "topic", s.name)
			s.broken = true
		default:
			return err
		}
	}
	return nil
}

func (l *Lanes) heatAll(streams []*stream) {
	for _, s := range streams {
		l.roster.heat(s)
	}
}

// groupMissing is what FLUSHALL, a restart without persistence, or a deleted key look like.
func groupMissing(err error) bool {
	return err != nil && (strings.HasPrefix(err.Error(), "NOGROUP") || strings.HasPrefix(err.Error(), "UNBLOCKED"))
}

func (l *Lanes) slowDown(ctx context.Context) {
	l.mu.Lock()
	n := l.putOffs
	l.mu.Unlock()
	if n > 0 {
		pause(ctx, min(minBackoff<<min(n-1, 6), maxBackoff))
	}
}

func (l *Lanes) noteRead(ctx context.Context, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err == nil && !l.failing.IsZero():
		l.cfg.Log.InfoContext(ctx, "reading again", "group", l.cfg.Group, "away_ms", l.cfg.Now().Sub(l.failing).Milliseconds())
		l.failing = time.Time{}
	case err != nil && l.failing.IsZero():
		// Once an outage, not once a try.
		l.cfg.Log.WarnContext(ctx, "cannot read; trying until it works", "group", l.cfg.Group, "error", err)
		l.failing = l.cfg.Now()
	}
}
