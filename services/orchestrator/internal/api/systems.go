package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

// healthWithin is under the call's own deadline, so that a part that hangs does not hide the others' state.
const healthWithin = 3 * time.Second

type systems struct{ *core }

func (s systems) GetSystemStatus(ctx context.Context, _ *platformv1.GetSystemStatusRequest) (*platformv1.GetSystemStatusResponse, error) {
	asked, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	resp := &platformv1.GetSystemStatusResponse{Parts: all(s.Health(asked), func(p PartHealth) *platformv1.PartHealth {
		return &platformv1.PartHealth{Part: p.Part, Ok: p.OK, Detail: p.Detail}
	})}
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		return fillStatus(ctx, tx, resp)
	})
	return resp, err
}

func fillStatus(ctx context.Context, tx *store.Tx, resp *platformv1.GetSystemStatusResponse) error {
	alive, err := tx.WorkersAlive(ctx)
	if err != nil {
		return err
	}
	resp.Parts = append(resp.Parts, &platformv1.PartHealth{Part: "workers", Ok: alive > 0, Detail: fmt.Sprintf("%d seen within a minute", alive)})
	states, err := tx.StateCounts(ctx)
	if err != nil {
		return err
	}
	for _, state := range slices.Sorted(maps.Keys(states)) {
		resp.Queues = append(resp.Queues, &platformv1.QueueDepth{State: state, Tasks: states[state]})
	}
	resp.ServerTime = stamp(tx.Now())
	resp.TasksRunning = int32(min(states["queued"]+states["running"]+states["judging"], 1<<30))
	if err := fillReviews(ctx, tx, resp); err != nil {
		return err
	}
	if err := fillDay(ctx, tx, resp); err != nil {
		return err
	}
	oldest, err := tx.OldestReady(ctx)
	if err != nil {
		return err
	}
	resp.OldestReadySeconds = int64(oldest.Seconds())
	for _, count := range []struct {
		into *int32
		read func(context.Context) (int, error)
	}{{&resp.UnknownEffects, tx.OpenUnknown}, {&resp.OpenDeadLetters, tx.OpenDeadLetters}} {
		n, err := count.read(ctx)
		if err != nil {
			return err
		}
		*count.into = int32(min(n, 1<<30))
	}
	tools, err := tx.ToolList(ctx)
	for _, t := range tools {
		if toolChanged(t) {
			resp.ChangedTools++
		}
	}
	return err
}
