// Package perform carries one task from its bus message to its Result: claim, run, heartbeat, publish. It
// keeps nothing: whatever is lost here, the lease's expiry brings back (R6.3, R7.2).
package perform

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/gather"
	"chimera/services/kit/boot"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/kit/toolmeta"
	"chimera/services/worker/internal/toolbox"
)

// MaxTimeout is the longest a task may run: the schema's limit.
const MaxTimeout = 10 * time.Minute

// Config of a Performer; zero values take the defaults named.
type Config struct {
	WorkerID string
	// ClaimBatch is the most tasks claimed in one call; 256.
	ClaimBatch int
	// Lease stands in when the orchestrator's clock and ours differ so much that the lease it names makes
	// no sense; 15 s.
	Lease time.Duration
	// BusAway tells whether the bus cannot be read just now, so that results may lie there unread; never.
	BusAway func() bool
	Now     func() time.Time
}

type (
	// Caller calls a tool.
	Caller func(ctx context.Context, r toolbox.Request) toolbox.Answer
	// Publisher puts a result on the bus. Publishing twice must be harmless.
	Publisher func(ctx context.Context, r *busv1.Result) error
)

// Performer performs tasks; safe for concurrent use.
type Performer struct {
	cfg     Config
	log     *slog.Logger
	control internalv1connect.WorkerServiceClient
	call    Caller
	publish Publisher
	claims  *gather.Gather[*internalv1.ClaimItem, *internalv1.ClaimOutcome]
	running *running
	unheard *unheard
}

// New makes a Performer. Heartbeats must run beside it.
func New(cfg Config, control internalv1connect.WorkerServiceClient, call Caller, publish Publisher, log *slog.Logger) *Performer {
	if cfg.WorkerID == "" {
		cfg.WorkerID, _ = os.Hostname()
	}
	if cfg.ClaimBatch <= 0 {
		cfg.ClaimBatch = 256
	}
	if cfg.Lease <= 0 {
		cfg.Lease = 15 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.BusAway == nil {
		cfg.BusAway = func() bool { return false }
	}
	p := &Performer{cfg: cfg, log: log, control: control, call: call, publish: publish, running: newRunning(), unheard: &unheard{away: cfg.BusAway}}
	p.claims = gather.New(gather.Config{Max: cfg.ClaimBatch, Timeout: claimTimeout}, p.claim)
	return p
}

// Perform handles one task message. nil means the message is done with: performed, or refused at the claim
// and so none of ours. Invalid means that it can never be performed; Unavailable and Timeout that nothing
// of it has run and it may come again.
func (p *Performer) Perform(ctx context.Context, task *busv1.Task) error {
	ctx = boot.WithIDs(ctx, boot.IDs{
		Tenant: task.GetTenantId(), Task: task.GetId(), Campaign: task.GetContext().GetCampaignId(),
		Agent: task.GetContext().GetAgentId(), Request: task.GetContext().GetRequestId(),
	})
	if err := shape(task); err != nil {
		return err
	}
	digest, err := grant.SpecDigest(task.GetSpec())
	if err != nil {
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the task's specification cannot be measured")
	}
	claimed, err := p.claims.Do(ctx, &internalv1.ClaimItem{TenantId: task.GetTenantId(), TaskId: task.GetId(), Epoch: task.GetVersion().GetEpoch(), SpecDigest: digest})
	if err != nil {
		return errs.As(err)
	}
	claims.WithLabelValues(outcomeLabel(claimed)).Inc()
	if !claimed.GetGranted() {
		p.log.InfoContext(ctx, "claim refused", "reason", claimed.GetReason().String())
		return nil
	}
	p.run(ctx, task, claimed)
	return nil
}

// shape holds what the schema cannot say: an effect is proposed or executed, nothing else is, and exactly
// an execution carries a grant.
func shape(t *busv1.Task) error {
	spec := t.GetSpec()
	effect := spec.GetKind() == busv1.TaskKind_TASK_KIND_EFFECT
	execute := spec.GetMode() == busv1.TaskMode_TASK_MODE_EXECUTE
	if effect == (spec.GetMode() == busv1.TaskMode_TASK_MODE_RUN) || execute != (t.GetGrant() != nil) {
		return errs.New(errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "the task's kind, mode and grant contradict each other")
	}
	return nil
}

// run performs a claimed task. From here on the task is ours until its result is out or its lease is lost.
func (p *Performer) run(ctx context.Context, task *busv1.Task, c *internalv1.ClaimOutcome) {
	timeout := min(task.GetResources().GetTimeout().AsDuration(), MaxTimeout)
	callCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if d := task.GetResources().GetDeadline(); d != nil {
		var cancelSlot context.CancelFunc
		callCtx, cancelSlot = context.WithDeadline(callCtx, d.AsTime())
		defer cancelSlot()
	}
	callCtx, stop := context.WithCancelCause(callCtx)
	defer stop(nil)
	r := p.running.add(task, c, p.lease(c), stop)
	defer p.running.remove(r)

	started := p.cfg.Now()
	a := p.call(callCtx, toolbox.Request{
		Tool: task.GetSpec().GetTool(), Digest: task.GetSpec().GetToolDigest(), Arguments: task.GetSpec().GetArgumentsJson(),
		Call: toolmeta.Call{
			TenantID: task.GetTenantId(), TaskID: task.GetId(), AccountID: task.GetSpec().GetAccountId(), RequestID: task.GetContext().GetRequestId(),
			Epoch: c.GetEpoch(), Attempt: int(c.GetAttempt()), Grant: task.GetGrant(),
			DryRun: task.GetSpec().GetMode() == busv1.TaskMode_TASK_MODE_PROPOSE,
		},
	})
	took := p.cfg.Now().Sub(started)
	r.end()
	var halt *halted
	if errors.As(context.Cause(callCtx), &halt) {
		wake(p.running.halted)
	}
	if a.Err != nil && halt != nil {
		a.Err = errs.Wrap(a.Err, errs.Cancelled, halt.reason, "the orchestrator stopped this task")
	}
	observe(task, a, took)
	if r.lost() {
		// Another attempt may be under way; a result of this one would be refused as a zombie's.
		p.log.WarnContext(ctx, "lease lost; the result is dropped", "tool", task.GetSpec().GetTool())
		return
	}
	p.deliver(ctx, r, p.result(task, c, a, took))
}

// lease is how long this claim holds without a heartbeat, by our own clock. A span that clocks in
// disagreement make absurd is replaced by a short one, which only costs heartbeats.
func (p *Performer) lease(c *internalv1.ClaimOutcome) time.Duration {
	return p.span(c.GetLeaseUntil().AsTime())
}

func (p *Performer) span(until time.Time) time.Duration {
	d := until.Sub(p.cfg.Now())
	if d < 500*time.Millisecond || d > MaxTimeout {
		return p.cfg.Lease
	}
	return d
}
