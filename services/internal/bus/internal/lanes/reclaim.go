package lanes

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// reclaimChunk bounds the streams scanned in one round trip, so that reclaiming never holds up new work for long.
const reclaimChunk = 32

// quietFor is how long an empty stream is taken to stay so unless a publication shows: the net under one that did not.
// What is done is deleted, so an empty stream has nothing pending; asking all tenants at rest cost Redis ten times the rest.
const quietFor = 5 * time.Minute

// reclaim takes over what lies untouched at consumers that died, or was put off, one chunk of streams a
// call. Idle time proves nothing about the owner: being wrong costs one refused claim.
func (l *Lanes) reclaim(ctx context.Context, free int) ([]Entry, error) {
	if len(l.toScan) == 0 {
		now := l.cfg.Now()
		if now.Before(l.nextReclaim) {
			return nil, nil
		}
		for _, s := range l.roster.byTenant {
			// Nobody can hold entries of a group that was not there.
			if s.grouped {
				l.nextReclaim = now.Add(l.cfg.ReclaimAfter / 2)
				if now.After(s.quietUntil) {
					l.toScan = append(l.toScan, s)
				}
			}
		}
		if len(l.toScan) == 0 {
			return nil, nil
		}
	}
	chunk := l.toScan[:min(reclaimChunk, len(l.toScan))]
	pipe := l.ops.Pipeline()
	answers, lengths := make([]*redis.XAutoClaimCmd, len(chunk)), make([]*redis.IntCmd, len(chunk))
	for i, s := range chunk {
		if s.cursor == "" {
			s.cursor = "0-0"
		}
		answers[i] = pipe.XAutoClaim(ctx, &redis.XAutoClaimArgs{
			Stream: s.name, Group: l.cfg.Group, Consumer: l.cfg.Consumer,
			MinIdle: l.cfg.ReclaimAfter, Start: s.cursor, Count: int64(max(1, free/len(chunk))),
		})
		lengths[i] = pipe.XLen(ctx, s.name)
	}
	_, _ = pipe.Exec(ctx)
	var entries []Entry
	rest := l.toScan[len(chunk):]
	for i, s := range chunk {
		messages, next, err := answers[i].Result()
		switch {
		case groupMissing(err):
			s.grouped = false
			l.roster.heat(s)
			continue
		case err != nil:
			l.toScan = nil
			return entries, err
		}
		if lengths[i].Err() == nil && lengths[i].Val() == 0 {
			s.quietUntil = l.cfg.Now().Add(quietFor)
		}
		if s.cursor = next; next != "0-0" {
			rest = append(rest, s)
		}
		for _, m := range messages {
			ref := Ref{s.name, m.ID}
			// Our own running ones must never come to us again.
			if m.Values != nil && !l.holds(ref) {
				entries = append(entries, Entry{Ref: ref, Values: m.Values, Deliveries: 2})
			}
		}
	}
	l.toScan = rest
	l.countDeliveries(ctx, entries)
	return entries, nil
}

// countDeliveries asks how often each was handed out: what never succeeds must end in the poison queue.
func (l *Lanes) countDeliveries(ctx context.Context, entries []Entry) {
	if len(entries) == 0 {
		return
	}
	l.cfg.Log.InfoContext(ctx, "took over entries that lay untouched", "group", l.cfg.Group, "entries", len(entries))
	pipe := l.ops.Pipeline()
	answers := make([]*redis.XPendingExtCmd, len(entries))
	for i, e := range entries {
		answers[i] = pipe.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: e.Stream, Group: l.cfg.Group, Start: e.ID, End: e.ID, Count: 1})
	}
	_, _ = pipe.Exec(ctx)
	for i := range entries {
		// An unanswered count leaves it at 2: counted late, not lost.
		if found, err := answers[i].Result(); err == nil && len(found) == 1 {
			entries[i].Deliveries = found[0].RetryCount
		}
	}
}

// renew tells Redis that what is in hand is being worked on: without it a task longer than ReclaimAfter is
// given to a second worker, or again to this one.
func (l *Lanes) renew() {
	now := l.cfg.Now()
	byStream := map[string][]string{}
	l.mu.Lock()
	for ref, at := range l.inFlight {
		if now.Sub(at) >= l.cfg.ReclaimAfter/3 {
			byStream[ref.Stream] = append(byStream[ref.Stream], ref.ID)
			l.inFlight[ref] = now
		}
	}
	l.mu.Unlock()
	if len(byStream) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), min(ackTimeout, l.cfg.ReclaimAfter/3+time.Millisecond))
	defer cancel()
	pipe := l.ops.Pipeline()
	for stream, ids := range byStream {
		pipe.XClaimJustID(ctx, &redis.XClaimArgs{Stream: stream, Group: l.cfg.Group, Consumer: l.cfg.Consumer, Messages: ids})
	}
	if _, err := pipe.Exec(ctx); err != nil {
		l.cfg.Log.Warn("could not renew the claim on running entries; another consumer may try them and be refused", "group", l.cfg.Group, "error", err)
	}
}
