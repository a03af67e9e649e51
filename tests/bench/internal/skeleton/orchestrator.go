package skeleton

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/encoding/protodelim"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

const (
	// inLanes and perBatch are what gave most on two cores: more writers only contend.
	inLanes    = 2
	perBatch   = 512
	sweepEvery = 2 * time.Second
)

// orchestrator takes tasks, judges results and commits outcomes.
type orchestrator struct {
	db      *pgxpool.Pool
	bus     *redis.Client
	inserts *lane[[]row]
	sends   *lane[[]out]
}

func newOrchestrator(db *pgxpool.Pool, bus *redis.Client) *orchestrator {
	o := &orchestrator{db: db, bus: bus}
	o.inserts = newLane(inLanes, perBatch, func(r []row) int { return len(r) }, func(ctx context.Context, batch [][]row) error {
		var rows []row
		for _, b := range batch {
			rows = append(rows, b...)
		}
		return insert(ctx, db, rows)
	})
	o.sends = newLane(1, perBatch, func(m []out) int { return len(m) }, func(ctx context.Context, batch [][]out) error {
		var all []out
		for _, b := range batch {
			all = append(all, b...)
		}
		return pass(ctx, bus, all, nil)
	})
	return o
}

// submit answers when the plan's tasks are durable, and publishes them right after. The query's "left" is how many
// steps follow each of them.
func (o *orchestrator) submit(w http.ResponseWriter, req *http.Request) {
	left := int16(0)
	if req.URL.Query().Get("chain") != "" {
		left = 3
	}
	var rows []row
	for body := bufio.NewReader(req.Body); ; {
		t := &busv1.Task{}
		err := protodelim.UnmarshalFrom(body, t)
		if errors.Is(err, io.EOF) {
			break
		}
		tenant, terr := uuid.Parse(t.GetTenantId())
		id, ierr := uuid.Parse(t.GetId())
		plan, perr := uuid.Parse(t.GetContext().GetCampaignId())
		if err = errors.Join(err, terr, ierr, perr); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		rows = append(rows, row{Tenant: tenant, ID: id, Plan: plan, Left: left, Version: 1, Arguments: t.GetSpec().GetArgumentsJson()})
	}
	if err := o.inserts.do(req.Context(), rows); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
	if messages, err := outputs(rows); err == nil {
		// What fails here, the sweeper finds.
		go func() { _ = o.sends.do(context.WithoutCancel(req.Context()), messages) }()
	}
}

func (o *orchestrator) run(ctx context.Context, tenants []ID) error {
	g, ctx := errgroup.WithContext(ctx)
	for queue, handle := range map[string]func(context.Context, []message) error{results: o.judge, decisions: o.commit} {
		h, err := openHop(ctx, o.bus, queue, tenants)
		if err != nil {
			return err
		}
		g.Go(func() error { return h.loop(ctx, handle) })
	}
	g.Go(func() error { return o.sweep(ctx) })
	return g.Wait()
}

func (o *orchestrator) judge(ctx context.Context, in []message) error {
	verdicts := make([]out, len(in))
	for i, m := range in {
		var err error
		if verdicts[i], err = judge(m.body); err != nil {
			return err
		}
	}
	return pass(ctx, o.bus, verdicts, in)
}

func (o *orchestrator) commit(ctx context.Context, in []message) error {
	for len(in) > 0 {
		batch := in[:min(len(in), perBatch)]
		in = in[len(batch):]
		all := make([]outcome, len(batch))
		for i, m := range batch {
			var err error
			if all[i], err = decided(m.body); err != nil {
				return err
			}
		}
		next, err := finish(ctx, o.db, all)
		if err != nil {
			return err
		}
		messages, err := outputs(next)
		if err != nil {
			return err
		}
		if err := pass(ctx, o.bus, messages, batch); err != nil {
			return err
		}
	}
	return nil
}

func (o *orchestrator) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		late, err := overdue(ctx, o.db)
		if err != nil {
			return err
		}
		messages, err := outputs(late)
		if err != nil {
			return err
		}
		if err := o.sends.do(ctx, messages); err != nil {
			return err
		}
	}
}

// loop handles what gathered while the last batch was handled.
func (h *hop) loop(ctx context.Context, handle func(context.Context, []message) error) error {
	for ctx.Err() == nil {
		in, err := h.read(ctx)
		if err == nil && len(in) > 0 {
			err = handle(ctx, in)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}
