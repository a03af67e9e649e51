package perform

import (
	"context"
	"slices"
	"time"

	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/control"
)

const (
	// perHeartbeat is the schema's limit of items in one call.
	perHeartbeat = 512
	minBeat      = 100 * time.Millisecond
	// maxBeat is how late a call hears of a stop switch: every call ends within five seconds of the press (R10.5).
	maxBeat = 2 * time.Second
	// afterHalt gathers what one stop ended into one beat, and lets results go first, which say more.
	afterHalt = 200 * time.Millisecond
)

// Heartbeats extends the leases of all that runs, every third of the shortest and every two seconds at least, in one
// call, and stops what the orchestrator no longer wants or what has lost its lease. It must outlive the drain: give it a context
// that ends after the last run.
func (p *Performer) Heartbeats(ctx context.Context) {
	timer := time.NewTimer(maxBeat)
	defer timer.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			last = time.Now()
			p.beat(ctx)
		case <-p.running.news:
		case <-p.running.halted:
			// Its result may wait for the bus; the stop is told by heartbeat that the call is over.
			if soon := time.Now().Add(afterHalt - p.interval()); soon.Before(last) {
				last = soon
			}
		}
		if last.IsZero() {
			last = time.Now()
		}
		// From the last beat, not from now: a stream of new runs must not put it off for ever.
		timer.Reset(max(time.Until(last.Add(p.interval())), time.Millisecond))
	}
}

func (p *Performer) interval() time.Duration {
	shortest := 3 * maxBeat
	for _, r := range p.told() {
		span, _ := r.lease()
		shortest = min(shortest, span)
	}
	return min(max(shortest/3, minBeat), maxBeat)
}

// told is what a heartbeat tells of.
func (p *Performer) told() []*run { return append(p.running.all(), p.unheard.all()...) }

func (p *Performer) beat(ctx context.Context) {
	for part := range slices.Chunk(p.told(), perHeartbeat) {
		p.beatPart(ctx, part)
	}
	now := time.Now()
	for _, r := range p.running.all() {
		if _, until := r.lease(); !now.Before(until) {
			p.log.WarnContext(ctx, "lease ran out without a heartbeat", "task_id", r.item.GetTaskId())
			r.halt(typev1.Reason_REASON_STALE_EPOCH, true)
		}
	}
}

func (p *Performer) beatPart(ctx context.Context, runs []*run) {
	req := &internalv1.HeartbeatRequest{WorkerId: p.cfg.WorkerID}
	for _, r := range runs {
		req.Items = append(req.Items, r.beat())
	}
	sent := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.interval())
	defer cancel()
	res, err := p.control.Heartbeat(ctx, req)
	if err != nil {
		heartbeatErrors.Inc()
		p.log.WarnContext(ctx, "heartbeat failed", "error", control.Error(err), "running", len(runs))
		return
	}
	for i, o := range res.GetOutcomes()[:min(len(res.GetOutcomes()), len(runs))] {
		r := runs[i]
		switch {
		case r.item.GetTaskId() != o.GetTaskId():
			// Not an answer to what was asked: the lease runs out by itself.
		case o.GetKeep():
			// Counted from before the call: the lease can only be longer than we think.
			r.extend(p.span(o.GetLeaseUntil().AsTime()), sent)
		default:
			r.halt(o.GetReason(), leaseLost(o.GetReason()))
			p.unheard.heard(r)
		}
	}
}

// leaseLost tells a task that is another's by now from one that is ours and must stop: only the latter's
// result still counts.
func leaseLost(r typev1.Reason) bool {
	switch r {
	case typev1.Reason_REASON_STOPPED, typev1.Reason_REASON_CANCELLED, typev1.Reason_REASON_EXPIRED, typev1.Reason_REASON_BUDGET_EXCEEDED:
		return false
	}
	return true
}
