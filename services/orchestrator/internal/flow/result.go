package flow

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/judge"
	"chimera/services/orchestrator/internal/store"
)

// OnResult records what a worker made and sends the judge's verdict on its way. A lost verdict costs only time:
// the result rests in Postgres and is judged again.
func (f *Flow) OnResult(ctx context.Context, d bus.Delivery, r *busv1.Result) error {
	t, err := f.commit.RecordResult(ctx, d.Scope, r)
	if errs.ReasonOf(err) == typev1.Reason_REASON_STALE_EPOCH {
		f.metrics.stale.Inc()
		f.log.InfoContext(ctx, "result of an attempt that was taken over", "epoch", r.GetEpoch())
		return nil
	}
	if err != nil {
		return err
	}
	if t.State != "judging" {
		return nil // a duplicate of a result that was decided already
	}
	f.metrics.result(r, t)
	return f.judge(ctx, d.Scope, t.ID)
}

// Rejudge decides again over a stored result whose verdict got lost.
func (f *Flow) Rejudge(ctx context.Context, sc tenancy.Scope, taskID string) error {
	return f.judge(ctx, sc, taskID)
}

func (f *Flow) judge(ctx context.Context, sc tenancy.Scope, taskID string) error {
	var decision *busv1.ReviewDecision
	err := f.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		t, err := tx.TaskGet(ctx, taskID)
		if err != nil || t.State != "judging" {
			return err
		}
		stored, err := tx.ResultLast(ctx, taskID)
		if err != nil {
			return err
		}
		var r busv1.Result
		if err := proto.Unmarshal(stored.Body, &r); err != nil {
			return fmt.Errorf("stored result: %w", err)
		}
		facts, err := commit.LoadCase(ctx, tx, t, &r)
		if err != nil {
			return err
		}
		decision = judge.Judge(facts).Decision
		return nil
	})
	if err != nil || decision == nil {
		return err
	}
	f.metrics.verdicts.WithLabelValues(decision.GetVerdict().String()).Inc()
	envelope, err := bus.Reviews.Envelope(ctx, decision)
	if err != nil {
		return err
	}
	return f.bus.Publish(ctx, envelope)
}
