package measure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/load"
	"chimera/tests/bench/internal/skeleton"
	"chimera/tests/bench/internal/stage"
	"chimera/tests/internal/world"
)

// Skeleton is a work of the bare skeleton, on the same parts as ours, which stands still meanwhile.
type Skeleton struct {
	Stage *stage.Stage
	// MCP makes its worker call a tool in a process of its own.
	MCP   bool
	Shape stage.Shape
	Rate  float64
	// Settle waits for PostgreSQL to tell all its flushes, before and after.
	Settle bool
}

// steps is how many outcomes a plan of the shape has: the chain's decision is one of its own here.
func steps(s stage.Shape) int {
	if s == stage.Chain {
		return 4
	}
	return s.Tasks()
}

// Run does the work with n plans.
func (k Skeleton) Run(ctx context.Context, n int) (r Result, err error) {
	resume := k.Stage.Freeze()
	defer resume()
	db, err := k.database(ctx)
	if err != nil {
		return r, err
	}
	defer db.Close()
	address, processes, err := k.start(ctx)
	for _, p := range processes {
		defer p.Kill()
	}
	if err != nil {
		return r, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	plans, work := make([]*skeleton.Plan, n), make([]load.Submitter, n)
	for i := range plans {
		t := k.Stage.Tenants[i%len(k.Stage.Tenants)]
		if plans[i], err = skeleton.Draft(client, address, t.ID, k.Shape.Tasks(), k.Shape == stage.Chain); err != nil {
			return r, err
		}
		work[i] = plans[i].Submit
	}
	pids := func() (all []int) {
		for _, p := range processes {
			all = append(all, p.PID())
		}
		return all
	}
	sources := counts.Sources{Ours: pids, Postgres: k.Stage.Postgres.PID(), Redis: k.Stage.Redis.PID(), Database: k.Stage.Database, Streams: k.Stage.Streams}
	cost, err := measured(ctx, sources, k.Settle, func() error {
		if err := load.Do(ctx, work, load.Clients(k.Shape.Tasks()), k.Rate); err != nil {
			return err
		}
		return idle(ctx, db)
	})
	if err != nil {
		return r, err
	}
	committed, err := skeleton.Committed(ctx, db, n*steps(k.Shape))
	if err != nil {
		return r, err
	}
	return k.result(plans, committed, cost), nil
}

func (k Skeleton) result(plans []*skeleton.Plan, committed map[string]time.Time, cost counts.Cost) Result {
	r := Result{Plans: len(plans), Tasks: len(plans) * k.Shape.Tasks(), Cost: cost}
	first, last := plans[0].Due, plans[0].Due
	var latency, acknowledged []time.Duration
	for _, p := range plans {
		at := committed[p.ID]
		latency, acknowledged = append(latency, at.Sub(p.Due)), append(acknowledged, p.Acknowledged.Sub(p.Due))
		if p.Due.Before(first) {
			first = p.Due
		}
		if at.After(last) {
			last = at
		}
	}
	r.Elapsed = last.Sub(first)
	r.latency(latency, acknowledged)
	return r
}

// database makes the skeleton's own on the same server, empty.
func (k Skeleton) database(ctx context.Context) (*pgxpool.Pool, error) {
	const name = "skeleton"
	var there bool
	if err := k.Stage.Database.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		if _, err := k.Stage.Database.Exec(ctx, "create database "+name); err != nil {
			return nil, err
		}
	}
	db, err := pgxpool.New(ctx, k.Stage.DatabaseURL(name))
	if err != nil {
		return nil, err
	}
	return db, errors.Join(skeleton.Prepare(ctx, db), clearStreams(ctx, k.Stage))
}

func clearStreams(ctx context.Context, s *stage.Stage) error {
	keys, err := s.Streams.Keys(ctx, "skeleton:*").Result()
	if err != nil || len(keys) == 0 {
		return err
	}
	return s.Streams.Del(ctx, keys...).Err()
}

func (k Skeleton) start(ctx context.Context) (address string, processes []*world.Process, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	tenants := make([]string, len(k.Stage.Tenants))
	for i, t := range k.Stage.Tenants {
		tenants[i] = t.ID
	}
	for _, name := range []string{skeleton.Orchestrator, skeleton.Worker} {
		listen, err := freeAddress()
		if err != nil {
			return "", processes, err
		}
		if name == skeleton.Orchestrator {
			address = listen
		}
		raw, err := json.Marshal(skeleton.Config{Listen: listen, Database: k.Stage.DatabaseURL("skeleton"), Redis: k.Stage.Redis.URL, Tenants: tenants, MCP: k.MCP})
		if err != nil {
			return "", processes, err
		}
		file := filepath.Join(k.Stage.Dir(), name+".json")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			return "", processes, err
		}
		p := &world.Process{Name: name, Path: self, Args: []string{name, file}, Env: os.Environ(), Log: strings.TrimSuffix(file, "json") + "log", Ready: "http://" + listen + "/readyz"}
		if err := p.Start(ctx); err != nil {
			return "", processes, err
		}
		processes = append(processes, p)
	}
	return address, processes, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func idle(ctx context.Context, db *pgxpool.Pool) error {
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		done, err := skeleton.Idle(ctx, db)
		if err != nil || done {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("the skeleton is not done after %s", patience)
		}
	}
}
