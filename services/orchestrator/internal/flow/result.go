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

// OnResults records what workers made and sends the judge's verdicts on their way: load, decide, hand over, for all
// that came together. A lost verdict costs only time: the result rests in Postgres and is judged again. An echo of a
// result is recognised by its id and judged by nobody.
func (f *Flow) OnResults(ctx context.Context, items []bus.Item[*busv1.Result]) []error {
	in := make([]commit.Incoming, len(items))
	for i, item := range items {
		in[i] = commit.Incoming{Scope: item.Delivery.Scope, Result: item.Message}
	}
	out := make([]error, len(items))
	var cases []judging
	for i, r := range f.commit.RecordResults(ctx, in) {
		switch {
		case errs.ReasonOf(r.Err) == typev1.Reason_REASON_STALE_EPOCH:
			f.metrics.stale.Inc()
			f.log.InfoContext(items[i].Ctx, "result of an attempt that was taken over", "epoch", in[i].Result.GetEpoch())
		case r.Err != nil:
			out[i] = r.Err
		case r.Case != nil:
			f.metrics.result(in[i].Result, r.Task)
			cases = append(cases, judging{items[i].Ctx, *r.Case, i})
		}
	}
	if err := f.decide(ctx, cases, out); err != nil {
		f.log.WarnContext(ctx, "verdicts could not be sent; the results are judged again", "verdicts", len(cases), "error", err)
	}
	return out
}

// Rejudge decides again over stored results whose verdicts got lost.
func (f *Flow) Rejudge(ctx context.Context, sc tenancy.Scope, taskIDs []string) error {
	cases, err := f.commit.LoadCases(ctx, sc, taskIDs)
	if err != nil {
		return err
	}
	again := make([]judging, len(cases))
	for i, c := range cases {
		again[i] = judging{ctx, c, i}
	}
	failed := make([]error, len(again))
	return errors.Join(f.decide(ctx, again, failed), errors.Join(failed...))
}

// judging is a case on its way to the judge, with its message's trace and its place in the batch.
type judging struct {
	ctx  context.Context
	of   judge.Case
	item int
}

// decide sends a verdict for every case, in one publication. What cannot be said of one is noted in out at its place;
// the error is of sending them all.
func (f *Flow) decide(ctx context.Context, cases []judging, out []error) error {
	envelopes := make([]bus.Envelope, 0, len(cases))
	for _, c := range cases {
		decision := judge.Judge(c.of).Decision
		envelope, err := bus.Reviews.Envelope(c.ctx, decision)
		if err != nil {
			out[c.item] = err
			continue
		}
		f.metrics.verdicts.WithLabelValues(decision.GetVerdict().String()).Inc()
		envelopes = append(envelopes, envelope)
	}
	if len(envelopes) == 0 {
		return nil
	}
	return f.bus.Publish(ctx, envelopes...)
}
