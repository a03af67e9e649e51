package skeleton

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

// Ceilings are what the parts give by themselves, a second: rows, messages, calls.
type Ceilings struct {
	Inserts  float64 `json:"inserts"`  // rows, 500 a statement, two writers
	Outcomes float64 `json:"outcomes"` // version check and audit row, 500 a statement, one writer
	Messages float64 `json:"messages"` // added, read, acknowledged and deleted, 100 a round trip, four at once
	Calls    float64 `json:"calls"`    // MCP over stdio, 16 in flight
}

// SumOfParts is the rate of tasks that the parts allow one after the other on the same cores: an insert, an outcome
// and three hops.
func (c Ceilings) SumOfParts() float64 { return 1 / (1/c.Inserts + 1/c.Outcomes + 3/c.Messages) }

const ceilingRows = 500

// Raw measures every part for about the given time.
func Raw(ctx context.Context, db *pgxpool.Pool, bus *redis.Client, each time.Duration) (c Ceilings, err error) {
	tenant := ID(uuid.New())
	var written [][]row
	insertBatch := func(ctx context.Context) (int, error) {
		rows := make([]row, ceilingRows)
		for i := range rows {
			rows[i] = row{Tenant: tenant, ID: uuid.Must(uuid.NewV7()), Plan: tenant, Version: 1, Arguments: okay}
		}
		return len(rows), insert(ctx, db, rows)
	}
	if c.Inserts, err = rate(ctx, each, 2, insertBatch); err != nil {
		return c, err
	}
	// Enough rows to finish, whatever the time was.
	for range int(each.Seconds()*200) + 20 {
		rows := make([]row, ceilingRows)
		for i := range rows {
			rows[i] = row{Tenant: tenant, ID: uuid.Must(uuid.NewV7()), Plan: tenant, Version: 1, Arguments: okay}
		}
		if err := insert(ctx, db, rows); err != nil {
			return c, err
		}
		written = append(written, rows)
	}
	// A planner that knows nothing of the new rows reads all of them for every batch.
	if _, err := db.Exec(ctx, "analyze tasks"); err != nil { //nolint:misspell // SQL's word
		return c, err
	}
	c.Outcomes, err = rate(ctx, each, 1, func(ctx context.Context) (int, error) {
		if len(written) == 0 {
			return 0, nil
		}
		all := make([]outcome, ceilingRows)
		for i, r := range written[0] {
			all[i] = outcome{Tenant: r.Tenant, ID: r.ID, Next: r.ID, Version: 1}
		}
		written = written[1:]
		_, err := finish(ctx, db, all)
		return ceilingRows, err
	})
	if err != nil {
		return c, err
	}
	if c.Messages, err = hops(ctx, bus, each); err != nil {
		return c, err
	}
	c.Calls, err = calls(ctx, each)
	return c, err
}

// rate runs work by n at once until the time is over, or it has no more to do, and answers pieces a second.
func rate(ctx context.Context, each time.Duration, n int, work func(context.Context) (int, error)) (float64, error) {
	var done atomic.Int64
	start := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for range n {
		g.Go(func() error {
			for time.Since(start) < each {
				pieces, err := work(ctx)
				if err != nil || pieces == 0 {
					return err
				}
				done.Add(int64(pieces))
			}
			return nil
		})
	}
	err := g.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), err
}

func hops(ctx context.Context, bus *redis.Client, each time.Duration) (float64, error) {
	const lanes, batch = 4, 100
	r := row{Tenant: ID(uuid.New()), ID: ID(uuid.New()), Version: 1, Arguments: okay}
	body, err := taskMessage(r)
	if err != nil {
		return 0, err
	}
	queues := make([]*hop, lanes)
	for i := range queues {
		if queues[i], err = openHop(ctx, bus, tasks, []ID{ID(uuid.New())}); err != nil {
			return 0, err
		}
	}
	free := make(chan *hop, lanes)
	for _, q := range queues {
		free <- q
	}
	got, err := rate(ctx, each, lanes, func(ctx context.Context) (int, error) {
		q := <-free
		defer func() { free <- q }()
		messages := make([]out, batch)
		for i := range messages {
			messages[i] = out{q.streams[0], body}
		}
		if err := pass(ctx, bus, messages, nil); err != nil {
			return 0, err
		}
		in, err := q.read(ctx)
		if err != nil {
			return 0, err
		}
		return len(in), pass(ctx, bus, nil, in)
	})
	return got, err
}

func calls(ctx context.Context, each time.Duration) (float64, error) {
	session, err := dial(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = session.Close() }()
	call := tool(session)
	return rate(ctx, each, inFlight, func(ctx context.Context) (int, error) {
		_, err := call(ctx, []byte(`{"text":"nothing"}`))
		return 1, err
	})
}
