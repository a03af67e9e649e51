package perform

import (
	"context"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/errs"
)

const (
	publishTimeout = 5 * time.Second
	// afterStop bounds publishing once the drain is over; the router waits 3 s then.
	afterStop = 2500 * time.Millisecond
)

// deliver publishes a result until it is out or the lease has ended; after that the task runs again anyway.
// A cancelled context does not stop it: a finished effect must be heard of.
func (p *Performer) deliver(ctx context.Context, r *run, res *busv1.Result) {
	stopping := ctx.Done()
	publishCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	wait := 100 * time.Millisecond
	for try := 1; ; try++ {
		one, done := context.WithTimeout(publishCtx, publishTimeout)
		err := p.publish(one, res)
		done()
		if err == nil {
			p.unheard.add(r)
			p.log.InfoContext(ctx, "result published", "status", res.GetStatus().String(), "outcome", res.GetOutcome().String(),
				"duration_ms", res.GetUsage().GetDuration().AsDuration().Milliseconds(), "tries", try)
			return
		}
		if !errs.KindOf(err).Retryable() && errs.KindOf(err) != errs.Cancelled {
			// Its own schema among them: the bus holds every message against it.
			p.log.ErrorContext(ctx, "result refused by the bus; dropped, the lease's expiry runs the task again", "error", err)
			return
		}
		if r.lost() {
			p.log.WarnContext(ctx, "result dropped: the lease ended before it could be published", "error", err, "tries", try)
			return
		}
		select {
		case <-stopping:
			// Once, not on every turn: what is left of the stop is a few seconds.
			stopping = nil
			time.AfterFunc(afterStop, cancel)
		case <-publishCtx.Done():
			p.log.WarnContext(ctx, "result dropped: the worker stops", "error", err, "tries", try)
			return
		case <-time.After(wait):
			wait = min(2*wait, 2*time.Second)
		}
	}
}
