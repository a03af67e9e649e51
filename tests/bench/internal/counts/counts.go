package counts

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// Sources are where counts are read.
type Sources struct {
	// Ours answers the system's processes as they are now.
	Ours            func() []int
	Postgres, Redis int // process ids
	Database        *pgxpool.Pool
	Streams         *redis.Client
}

// Reading is all counters at one moment.
type Reading struct {
	at       time.Time
	cpu      CPU
	flushes  int64
	commands int64
	bytes    int64
	rows     int64
}

// Cost is what happened between two readings.
type Cost struct {
	Wall time.Duration `json:"wall_ns"`
	CPU  CPU           `json:"cpu_ns"`
	// Flushes are WAL syncs, WALBytes what they made durable; Commands what Redis executed.
	Flushes  int64 `json:"flushes"`
	WALBytes int64 `json:"wal_bytes"`
	Commands int64 `json:"redis_commands"`
	// Rows of the table of tasks that statements looked at, by whichever way but their place.
	Rows int64 `json:"rows_read"`
	// Others is the share of the machine that others used.
	Others float64 `json:"others"`
}

// settle is how long PostgreSQL may keep an idle backend's statistics to itself (PGSTAT_IDLE_INTERVAL, 10 s).
const settle = 10500 * time.Millisecond

// Settle waits until every backend has told its statistics; flushes and rows need it.
func Settle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settle):
		return nil
	}
}

// Read takes all counters. The reading itself costs a few commands, which are not taken off.
func (s Sources) Read(ctx context.Context) (Reading, error) {
	r := Reading{at: time.Now()}
	var err error
	if r.cpu, err = ReadCPU(s.Ours(), s.Postgres, s.Redis); err != nil {
		return r, err
	}
	return r, s.events(ctx, &r)
}

func (s Sources) events(ctx context.Context, r *Reading) error {
	if err := s.Database.QueryRow(ctx, `select wal_sync, wal_bytes::bigint, (select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::bigint from pg_stat_user_tables where relname = 'tasks')
		from pg_stat_wal`).Scan(&r.flushes, &r.bytes, &r.rows); err != nil {
		return err
	}
	info, err := s.Streams.Info(ctx, "commandstats").Result()
	r.commands = parseCommands(info)
	return err
}

// Late takes the events of an earlier reading again, after Settle: times stay, counts become whole.
func (s Sources) Late(ctx context.Context, r Reading) (Reading, error) { return r, s.events(ctx, &r) }

// parseCommands sums the calls in Redis' INFO commandstats, without INFO's own.
func parseCommands(info string) int64 {
	var sum int64
	for line := range strings.SplitSeq(info, "\n") {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), ":calls=")
		if !ok || name == "cmdstat_info" {
			continue
		}
		calls, _, _ := strings.Cut(rest, ",")
		n, _ := strconv.ParseInt(calls, 10, 64)
		sum += n
	}
	return sum
}

// Since is the cost between two readings.
func (r Reading) Since(before Reading) Cost {
	c := Cost{Wall: r.at.Sub(before.at), CPU: r.cpu.Sub(before.cpu), Flushes: r.flushes - before.flushes, WALBytes: r.bytes - before.bytes, Commands: r.commands - before.commands, Rows: r.rows - before.rows}
	c.Others = c.CPU.Others(c.Wall, runtime.NumCPU())
	return c
}
