package flow

import (
	"context"
	"errors"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/judge"
)

// OnResults records what workers made, with the verdicts on it, and sends on their way those verdicts from which more
// follows than a step's success: for all that came together. A lost verdict costs only time: the result rests in
// Postgres and is judged again. An echo of a result is recognised by its id and judged by nobody.
func (f *Flow) OnResults(ctx context.Context, items []bus.Item[*busv1.Result]) []error {
	in := make([]commit.Incoming, len(items))
	for i, item := range items {
		in[i] = commit.Incoming{Scope: item.Delivery.Scope, Result: item.Message}
	}
	out := make([]error, len(items))
	var verdicts []verdict
	for i, r := range f.commit.RecordResults(ctx, in) {
		switch {
		case errs.ReasonOf(r.Err) == typev1.Reason_REASON_STALE_EPOCH:
			f.metrics.stale.Inc()
			f.log.InfoContext(items[i].Ctx, "result of an attempt that was taken over", "epoch", in[i].Result.GetEpoch())
		case r.Err != nil:
			out[i] = r.Err
		case r.Decision != nil:
			f.metrics.result(in[i].Result, r.Task)
			f.metrics.verdict(r.Decision)
			if !r.Applied {
				verdicts = append(verdicts, verdict{items[i].Ctx, r.Decision, i})
			}
		}
	}
	if err := f.send(ctx, verdicts, out); err != nil {
		f.log.WarnContext(ctx, "verdicts could not be sent; the results are judged again", "verdicts", len(verdicts), "error", err)
	}
	return out
}

// Rejudge decides again over stored results whose verdicts got lost.
func (f *Flow) Rejudge(ctx context.Context, sc tenancy.Scope, taskIDs []string) error {
	cases, err := f.commit.LoadCases(ctx, sc, taskIDs)
	if err != nil {
		return err
	}
	again := make([]verdict, len(cases))
	for i, c := range cases {
		again[i] = verdict{ctx, judge.Judge(c).Decision, i}
		f.metrics.verdict(again[i].decision)
	}
	failed := make([]error, len(again))
	return errors.Join(f.send(ctx, again, failed), errors.Join(failed...))
}

// verdict is a judge's decision on its way to the review queue, with its message's trace and its place in the batch.
type verdict struct {
	ctx      context.Context
	decision *busv1.ReviewDecision
	item     int
}

// send puts verdicts on the review queue, in one publication. What cannot be said of one is noted in out at its place;
// the error is of sending them all.
func (f *Flow) send(ctx context.Context, verdicts []verdict, out []error) error {
	envelopes := make([]bus.Envelope, 0, len(verdicts))
	for _, v := range verdicts {
		envelope, err := bus.Reviews.Envelope(v.ctx, v.decision)
		if err != nil {
			out[v.item] = err
			continue
		}
		envelopes = append(envelopes, envelope)
	}
	if len(envelopes) == 0 {
		return nil
	}
	return f.bus.Publish(ctx, envelopes...)
}
