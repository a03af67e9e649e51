// Package bus carries tasks, results and decisions between the services: Watermill's Router, message type
// and wire format on Redis Streams, with our own subscriber (internal/lanes) and publisher. It is the only
// importer of watermill, watermill-redisstream and go-redis.
//
// Postgres is the queue, Redis the doorbell: a message grants nothing, and lost, doubled, reordered, forged
// or week-old ones are harmless because every claim is fenced. So the bus promises at-least-once while Redis
// keeps its data, and to go on by itself when Redis does not.
package bus

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus/internal/lanes"
	"chimera/services/internal/gather"
	"chimera/services/kit/errs"
)

// Config is read from the environment by caarlos0/env; give its field the prefix CHIMERA_.
type Config struct {
	// URL as in redis://:password@host:port/0.
	URL string `env:"REDIS_URL,required"`
	// Consumer names this process within its groups. Best stable per replica ("worker-0"): each new name
	// leaves a small record in every stream. Empty means host name and pid.
	Consumer string `env:"BUS_CONSUMER"`
	// Embedded tolerates a server that cannot tell its eviction policy, such as the demo's stand-in.
	Embedded bool `env:"REDIS_EMBEDDED"`
	// ReclaimAfter is how long an entry may lie at a dead consumer, or put off, before it is delivered again.
	ReclaimAfter time.Duration `env:"BUS_RECLAIM_AFTER" envDefault:"60s"`
	// Metrics is where the bus registers; nil means the default registry.
	Metrics prometheus.Registerer `env:"-"`
}

// Bus is one process's connection to the queues.
type Bus struct {
	cfg     Config
	log     *slog.Logger
	options *redis.Options
	// pub never retries by itself: go-redis would repeat a plain XADD whose reply was lost, and say nothing.
	pub *redis.Client
	// ops serves acks, groups, reclaiming and measuring.
	ops     *redis.Client
	sends   *gather.Gather[outgoing, struct{}]
	metrics *metrics
	now     func() time.Time

	mu    sync.Mutex
	lanes []*lanes.Lanes
}

// driverLog keeps go-redis from writing to stderr by itself: it says each outage once a try, we once.
type driverLog struct{ log *slog.Logger }

func (d driverLog) Printf(ctx context.Context, format string, v ...any) {
	d.log.DebugContext(ctx, "redis driver", "text", fmt.Sprintf(format, v...))
}

// driverLogOnce: go-redis has one logger for the whole process.
var driverLogOnce sync.Once

// Open connects and refuses a server that could lose messages by eviction. Errors: Invalid for the
// configuration, Unavailable when Redis is away.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*Bus, error) {
	options, err := redis.ParseURL(cfg.URL)
	if err != nil {
		// The error would quote the URL, which may hold the password.
		return nil, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "the Redis URL is malformed; want redis://[:password@]host:port/db")
	}
	if cfg.Consumer == "" {
		host, _ := os.Hostname()
		cfg.Consumer = host + "-" + strconv.Itoa(os.Getpid())
	}
	if cfg.ReclaimAfter <= 0 {
		cfg.ReclaimAfter = time.Minute
	}
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.DefaultRegisterer
	}
	m, err := newMetrics(cfg.Metrics)
	if err != nil {
		return nil, err
	}
	options.MaxRetries = -1
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	// The loops above it wait between tries themselves.
	options.DialerRetries = 1
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	driverLogOnce.Do(func() { redis.SetLogger(driverLog{log}) })
	b := &Bus{cfg: cfg, log: log, options: options, metrics: m, now: time.Now}
	// With a reading connection for each queue consumed, this bounds a process to a handful of connections
	// whatever the number of tenants; commands are pipelined, so few carry everything.
	b.pub, b.ops = b.client(2), b.client(1)
	b.sends = gather.New(gather.Config{Max: maxPublishBatch, Timeout: publishTimeout},
		func(ctx context.Context, entries []outgoing) ([]struct{}, error) {
			return make([]struct{}, len(entries)), b.sendAll(ctx, entries)
		})
	if err := b.check(ctx); err != nil {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bus) client(pool int) *redis.Client {
	o := *b.options
	o.PoolSize = pool
	// Else go-redis opens up to ten more for pipelines, and pipelines are all we send.
	o.PipelinePoolSize = -1
	o.PoolTimeout = 10 * time.Second
	return redis.NewClient(&o)
}

// Close ends the connections; routers must have ended before.
func (b *Bus) Close() error {
	err := b.pub.Close()
	if e := b.ops.Close(); err == nil {
		err = e
	}
	return err
}

// maxReadOutage is how long reads may fail before the process says that it is not ready.
const maxReadOutage = 10 * time.Second

// Healthy reports whether messages can flow: Redis answers, cannot evict, and no subscription has been
// failing for longer than ten seconds. For readiness.
func (b *Bus) Healthy(ctx context.Context) error {
	if err := b.check(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.lanes {
		if since := l.FailingSince(); !since.IsZero() && b.now().Sub(since) > maxReadOutage {
			return errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the bus has not been readable for more than 10 s")
		}
	}
	return nil
}

// Reading tells whether the last read of every subscription came through: what is known already, without asking Redis.
func (b *Bus) Reading() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !slices.ContainsFunc(b.lanes, func(l *lanes.Lanes) bool { return !l.FailingSince().IsZero() })
}

func (b *Bus) remember(l *lanes.Lanes) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes = append(b.lanes, l)
}

func (b *Bus) forget(l *lanes.Lanes) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes = slices.DeleteFunc(b.lanes, func(other *lanes.Lanes) bool { return other == l })
}

// check asks INFO and not CONFIG, which managed servers forbid.
func (b *Bus) check(ctx context.Context) error {
	if err := b.ops.Ping(ctx).Err(); err != nil {
		return away(err)
	}
	info, err := b.ops.Info(ctx, "memory").Result()
	policy := ""
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok {
			policy = v
		}
	}
	switch {
	case policy == "noeviction" || (policy == "" && b.cfg.Embedded):
		return nil
	case policy == "" && err != nil:
		return away(err)
	}
	return errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID,
		"Redis may evict messages: its maxmemory-policy is %q; set it to noeviction", policy)
}

// away maps what go-redis answers to what callers act on.
func away(err error) error {
	if err == nil {
		return nil
	}
	if e := errs.As(err); e.Kind == errs.Timeout || e.Kind == errs.Cancelled {
		return e
	}
	if strings.HasPrefix(err.Error(), "OOM") {
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_QUEUE_FULL, "the message bus is full; try again later")
	}
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the message bus is away; try again")
}
