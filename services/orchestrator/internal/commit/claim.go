package commit

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// Claim fences what a worker took from the bus: one transaction per tenant in the batch. A refused item says why
// and must be dropped; a message whose task or bytes are not the row's is a security event.
func (c *Committer) Claim(ctx context.Context, actor string, req *internalv1.ClaimTasksRequest) (*internalv1.ClaimTasksResponse, error) {
	out := make([]*internalv1.ClaimOutcome, len(req.GetItems()))
	for tenant, at := range byTenant(len(req.GetItems()), func(i int) string { return req.GetItems()[i].GetTenantId() }) {
		sc := tenancy.Scope{Tenant: tenancy.ID(tenant), Actor: actor}
		// In id order, so that two workers' batches cannot deadlock.
		slices.SortFunc(at, func(a, b int) int { return cmp.Compare(req.GetItems()[a].GetTaskId(), req.GetItems()[b].GetTaskId()) })
		var forged []string
		err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
			forged = nil
			for _, i := range at {
				item := req.GetItems()[i]
				o, bad, err := c.claimOne(ctx, tx, req.GetWorkerId(), item)
				if err != nil {
					return nil, err
				}
				if bad {
					forged = append(forged, item.GetTaskId())
				}
				out[i] = o
			}
			return nil, nil
		})
		if err != nil {
			return nil, err
		}
		for _, id := range forged {
			if err := c.RecordSecurityEvent(ctx, sc, "forged_task_message", "a bus message named task "+id+" with another content, or one that does not exist"); err != nil {
				// The tenant itself may be an invention of the message: then there is nowhere to record it.
				c.log.WarnContext(ctx, "forged task message", "tenant_id", tenant, "task_id", id, "error", err)
			}
		}
	}
	return &internalv1.ClaimTasksResponse{Outcomes: out}, nil
}

func byTenant(n int, tenant func(i int) string) map[string][]int {
	groups := map[string][]int{}
	for i := range n {
		groups[tenant(i)] = append(groups[tenant(i)], i)
	}
	return groups
}

func (c *Committer) claimOne(ctx context.Context, tx *store.Tx, worker string, item *internalv1.ClaimItem) (o *internalv1.ClaimOutcome, forged bool, err error) {
	refuse := func(reason typev1.Reason) *internalv1.ClaimOutcome {
		return &internalv1.ClaimOutcome{TaskId: item.GetTaskId(), Reason: reason}
	}
	t, err := tx.TaskLock(ctx, item.GetTaskId())
	if store.IsMissing(err) {
		return refuse(typev1.Reason_REASON_NOT_FOUND), true, nil
	}
	if err != nil {
		return nil, false, err
	}
	if t.State != "queued" || t.Epoch != item.GetEpoch() {
		// Late, doubled or reordered: ordinary, because a message grants nothing.
		return refuse(typev1.Reason_REASON_STALE_EPOCH), false, nil
	}
	if t.SpecDigest != item.GetSpecDigest() {
		return refuse(typev1.Reason_REASON_DIGEST_MISMATCH), true, nil
	}
	stopped, err := tx.Stopped(ctx, t.AgentID, t.Account(), t.CampaignID)
	if err != nil {
		return nil, false, err
	}
	if stopped {
		// Back to ready: dispatch holds it until the switch is released.
		return refuse(typev1.Reason_REASON_STOPPED), false, tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "ready"})
	}
	lease, err := tx.TaskClaim(ctx, t.ID, t.StateVersion, worker, c.set.Lease)
	if err != nil {
		return nil, false, err
	}
	return &internalv1.ClaimOutcome{TaskId: t.ID, Granted: true, Epoch: t.Epoch + 1, Attempt: t.Attempt + 1, LeaseUntil: timestamppb.New(lease)}, false, nil
}

// Heartbeat extends leases and says which calls must end now: stopped, cancelled or taken over.
func (c *Committer) Heartbeat(ctx context.Context, actor string, req *internalv1.HeartbeatRequest) (*internalv1.HeartbeatResponse, error) {
	out := make([]*internalv1.HeartbeatOutcome, len(req.GetItems()))
	for tenant, at := range byTenant(len(req.GetItems()), func(i int) string { return req.GetItems()[i].GetTenantId() }) {
		slices.SortFunc(at, func(a, b int) int { return cmp.Compare(req.GetItems()[a].GetTaskId(), req.GetItems()[b].GetTaskId()) })
		err := c.write(ctx, tenancy.Scope{Tenant: tenancy.ID(tenant), Actor: actor}, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
			for _, i := range at {
				o, err := c.beat(ctx, tx, req.GetItems()[i])
				if err != nil {
					return nil, err
				}
				out[i] = o
			}
			return nil, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return &internalv1.HeartbeatResponse{Outcomes: out}, nil
}

func (c *Committer) beat(ctx context.Context, tx *store.Tx, item *internalv1.HeartbeatItem) (*internalv1.HeartbeatOutcome, error) {
	t, err := tx.TaskGet(ctx, item.GetTaskId())
	if err == nil {
		err = runnable(ctx, tx, t, item.GetEpoch())
	}
	if err != nil {
		if errs.KindOf(err) == errs.Internal || errs.ReasonOf(err) == typev1.Reason_REASON_UNAVAILABLE {
			return nil, err
		}
		return &internalv1.HeartbeatOutcome{TaskId: item.GetTaskId(), Reason: errs.ReasonOf(err)}, nil
	}
	lease, err := tx.LeaseExtend(ctx, t.ID, item.GetEpoch(), c.set.Lease)
	if err != nil {
		return nil, err
	}
	if lease == nil {
		return &internalv1.HeartbeatOutcome{TaskId: t.ID, Reason: typev1.Reason_REASON_STALE_EPOCH}, nil
	}
	return &internalv1.HeartbeatOutcome{TaskId: t.ID, Keep: true, LeaseUntil: timestamppb.New(*lease)}, nil
}

// RegisterTools records what a worker sees. A changed tool holds its tasks back by itself, because dispatch
// compares digests; nothing is accepted here.
func (c *Committer) RegisterTools(ctx context.Context, req *internalv1.RegisterToolsRequest) error {
	tools := make([]store.Tool, 0, len(req.GetTools()))
	for _, d := range req.GetTools() {
		tools = append(tools, store.Tool{Name: d.GetTool(), Version: d.GetVersion(), Digest: d.GetDigest(), Descriptor: string(d.GetDescriptorJson()), ReadOnly: d.GetReadOnly()})
	}
	return c.store.Register(ctx, req.GetWorkerId(), tools)
}
