package commit

import (
	"context"
	"fmt"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// RecordResult stores a worker's result under its fence and moves the task to judging. A duplicate delivery
// answers the task as it stands. Conflict STALE_EPOCH for a zombie's result: it is audited and changes nothing.
func (c *Committer) RecordResult(ctx context.Context, sc tenancy.Scope, r *busv1.Result) (store.Task, error) {
	body, err := marshal(r)
	if err != nil {
		return store.Task{}, fmt.Errorf("result: %w", err)
	}
	var out store.Task
	stale := false
	err = c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		t, err := lockTask(ctx, tx, r.GetTaskId(), r.GetUsage().GetCostMicros() > 0)
		if err != nil {
			return nil, err
		}
		out = t
		if t.State != "running" || t.Epoch != r.GetEpoch() {
			last, err := tx.ResultLast(ctx, t.ID)
			if err == nil && last.ID == r.GetId() {
				return nil, nil // delivered before
			}
			if err != nil && !store.IsMissing(err) {
				return nil, err
			}
			stale = true
			return []audit.Entry{entry("result.refused", "task", t.ID, map[string]any{"result_id": r.GetId(), "epoch": r.GetEpoch(), "current_epoch": t.Epoch, "state": t.State})}, nil
		}
		if _, err := tx.ResultInsert(ctx, r.GetId(), t.ID, r.GetEpoch(), r.GetAttempt(), body); err != nil {
			return nil, err
		}
		cost := r.GetUsage().GetCostMicros()
		if err := tx.CampaignSpend(ctx, newID(), t.CampaignID, t.ID, r.GetId(), cost); err != nil {
			return nil, err
		}
		// The label only ever spreads: what a worker says cannot wash it off.
		if r.GetProvenance().GetTainted() && !t.Tainted {
			if err := tx.TaskTaint(ctx, t.ID); err != nil {
				return nil, err
			}
		}
		if err := tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "judging", CostMicros: cost, Degraded: notNil(r.GetProvenance().GetDegraded())}); err != nil {
			return nil, err
		}
		if r.GetError().GetReason() == typev1.Reason_REASON_CREDENTIAL_DEAD && t.AccountID != nil {
			if err := tx.AccountHealthUpdate(ctx, *t.AccountID, 0, "credential_dead"); err != nil {
				return nil, err
			}
		}
		out, err = tx.TaskGet(ctx, t.ID)
		return nil, err
	})
	if err == nil && stale {
		err = errs.New(errs.Conflict, typev1.Reason_REASON_STALE_EPOCH, "another attempt has taken over; this result is too late")
	}
	return out, err
}

// lockTask locks a task, and its campaign before it where the transaction will write to that too: campaign before
// task is the order everywhere, so that no two can wait for each other.
func lockTask(ctx context.Context, tx *store.Tx, id string, withCampaign bool) (store.Task, error) {
	if withCampaign {
		t, err := tx.TaskGet(ctx, id)
		if err != nil {
			return t, err
		}
		if _, err := tx.CampaignLock(ctx, t.CampaignID); err != nil {
			return t, err
		}
	}
	return tx.TaskLock(ctx, id)
}
