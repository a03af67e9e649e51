package lanes

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"chimera/services/internal/tenancy"
)

// ActiveKey holds the tenants with recent messages, scored by when the last one was published (µs since 1970,
// the publisher's clock). One read of it finds both new tenants and those whose streams are worth a look.
const ActiveKey = "chimera:tenants:active"

const (
	// A tenant silent for longer is not read: its stream is empty, or the reconciler publishes again and so wakes it.
	activeFor = 24 * time.Hour
	// How far publishers' clocks may differ before a wake-up is late (never lost: see resyncEvery).
	clockSkew = time.Minute
	// While there is work, new tenants are looked for this often; while there is none, once a blocking read.
	refreshEvery = 250 * time.Millisecond
	resyncEvery  = 30 * time.Second
)

// MarkActive queues the wake-up for tenants on a pipeline. It belongs in the same MULTI as their XADDs:
// then whoever sees the score also sees the entries.
func MarkActive(ctx context.Context, pipe redis.Pipeliner, now time.Time, tenants map[tenancy.ID]struct{}) {
	members := make([]redis.Z, 0, len(tenants))
	for id := range tenants {
		members = append(members, redis.Z{Score: float64(now.UnixMicro()), Member: string(id)})
	}
	pipe.ZAdd(ctx, ActiveKey, members...)
}

// Active lists the tenants with messages published since, with when that last was.
func Active(ctx context.Context, client *redis.Client, since time.Time) (map[tenancy.ID]float64, error) {
	found, err := client.ZRangeByScoreWithScores(ctx, ActiveKey, &redis.ZRangeBy{
		Min: strconv.FormatInt(since.UnixMicro(), 10), Max: "+inf",
	}).Result()
	if err != nil {
		return nil, err
	}
	tenants := make(map[tenancy.ID]float64, len(found))
	for _, z := range found {
		member, _ := z.Member.(string)
		// Anything may be in a shared Redis; only a canonical id may become part of a key.
		if id, err := tenancy.ParseID(member); err == nil {
			tenants[id] = z.Score
		}
	}
	return tenants, nil
}

// ActiveSince is the oldest publication that still counts.
func ActiveSince(now time.Time) time.Time { return now.Add(-activeFor) }

// refresh learns of new tenants and of tenants with new messages, when it is time to.
func (l *Lanes) refresh(ctx context.Context) error {
	now, r := l.cfg.Now(), &l.roster
	if now.Sub(r.refreshed) < refreshEvery {
		return nil
	}
	full := now.Sub(r.resynced) >= resyncEvery
	since := now.Add(-clockSkew)
	if full {
		since = ActiveSince(now)
	}
	active, err := Active(ctx, l.ops, since)
	if err != nil {
		return err
	}
	r.refreshed = now
	r.learn(active)
	if full {
		r.resynced = now
		r.keepOnly(active)
	}
	return nil
}
