package commit

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// Claim fences what a worker took from the bus: one transaction for the batch, one statement for each tenant in it. A
// refused item says why and must be dropped; a message whose task or bytes are not the row's is a security event.
func (c *Committer) Claim(ctx context.Context, actor string, req *internalv1.ClaimTasksRequest) (*internalv1.ClaimTasksResponse, error) {
	items := req.GetItems()
	out := make([]*internalv1.ClaimOutcome, len(items))
	groups := byTenant(len(items), func(i int) string { return items[i].GetTenantId() })
	granted := make([][]store.Claimed, len(groups))
	scopes := make([]tenancy.Scope, len(groups))
	for g, at := range groups {
		scopes[g] = tenancy.Scope{Tenant: tenancy.ID(items[at[0]].GetTenantId()), Actor: actor}
	}
	err := c.writeEach(ctx, scopes, func(_ context.Context, tx *store.Tx, g int) ([]audit.Entry, error) {
		asked := make([]store.Asked, len(groups[g]))
		for n, i := range groups[g] {
			asked[n] = store.Asked{ID: items[i].GetTaskId(), Epoch: items[i].GetEpoch(), SpecDigest: items[i].GetSpecDigest()}
		}
		tx.TasksClaim(asked, req.GetWorkerId(), c.set.Lease, &granted[g])
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	for g, at := range groups {
		p, err := c.explain(ctx, scopes[g], items, admit(granted[g], items, at, out), out)
		if err != nil {
			return nil, err
		}
		if err := c.unqueue(ctx, scopes[g], p.stopped); err != nil {
			return nil, err
		}
		for _, id := range p.forged {
			if err := c.RecordSecurityEvent(ctx, scopes[g], "forged_task_message", "a bus message named task "+id+" with another content, or one that does not exist"); err != nil {
				// The tenant itself may be an invention of the message: then there is nowhere to record it.
				c.log.WarnContext(ctx, "forged task message", "tenant_id", scopes[g].Tenant, "task_id", id, "error", err)
			}
		}
	}
	return &internalv1.ClaimTasksResponse{Outcomes: out}, nil
}

// byTenant groups items' indices by their tenant, in the order of first appearance.
func byTenant(n int, tenant func(i int) string) [][]int {
	at, groups := map[string]int{}, [][]int(nil)
	for i := range n {
		g, ok := at[tenant(i)]
		if !ok {
			g = len(groups)
			at[tenant(i)], groups = g, append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// refusals are what of one tenant's refused claims needs more than an answer.
type refusals struct{ forged, stopped []string }

// admit answers the items that were granted, and says which were not.
func admit(granted []store.Claimed, items []*internalv1.ClaimItem, at []int, out []*internalv1.ClaimOutcome) (refused []int) {
	grants := make(map[string]store.Claimed, len(granted))
	for _, g := range granted {
		grants[g.ID] = g
	}
	for _, i := range at {
		id := items[i].GetTaskId()
		g, ok := grants[id]
		// The same task twice in a batch is granted once.
		delete(grants, id)
		if !ok || g.Epoch != items[i].GetEpoch()+1 {
			refused = append(refused, i)
			continue
		}
		out[i] = &internalv1.ClaimOutcome{TaskId: id, Granted: true, Epoch: g.Epoch, Attempt: g.Attempt, LeaseUntil: timestamppb.New(g.LeaseUntil)}
	}
	return refused
}

// explain finds out why claims were not granted, by what the rows say a moment later: what has moved on since is stale.
func (c *Committer) explain(ctx context.Context, sc tenancy.Scope, items []*internalv1.ClaimItem, refused []int, out []*internalv1.ClaimOutcome) (p refusals, err error) {
	if len(refused) == 0 {
		return p, nil
	}
	ids := make([]string, len(refused))
	for n, i := range refused {
		ids[n] = items[i].GetTaskId()
	}
	var found []store.Task
	err = c.store.ReadByKey(ctx, sc, func(ctx context.Context, tx *store.Tx) (err error) {
		found, err = tx.TasksGet(ctx, ids)
		return err
	})
	if err != nil {
		return p, err
	}
	tasks := make(map[string]store.Task, len(found))
	for _, t := range found {
		tasks[t.ID] = t
	}
	for _, i := range refused {
		id := items[i].GetTaskId()
		t, known := tasks[id]
		// Late, doubled or reordered is ordinary, because a message grants nothing.
		reason := typev1.Reason_REASON_STALE_EPOCH
		switch {
		case !known:
			reason, p.forged = typev1.Reason_REASON_NOT_FOUND, append(p.forged, id)
		case t.State != "queued" || t.Epoch != items[i].GetEpoch():
		case t.SpecDigest != items[i].GetSpecDigest():
			reason, p.forged = typev1.Reason_REASON_DIGEST_MISMATCH, append(p.forged, id)
		default:
			reason, p.stopped = typev1.Reason_REASON_STOPPED, append(p.stopped, id)
		}
		out[i] = &internalv1.ClaimOutcome{TaskId: id, Reason: reason}
	}
	return p, nil
}

// unqueue takes stopped tasks back to ready, where dispatch holds them until the switch is released. A transaction
// of its own: the claims' one holds other tasks' rows already.
func (c *Committer) unqueue(ctx context.Context, sc tenancy.Scope, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		tasks, err := tx.TasksLock(ctx, ids)
		for _, t := range tasks {
			if err == nil && t.State == "queued" {
				err = tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "ready"})
			}
		}
		return nil, err
	})
}

// Heartbeat extends leases and says which calls must end now: stopped, cancelled or taken over. One statement for each
// tenant; only what it does not extend is looked at by itself.
func (c *Committer) Heartbeat(ctx context.Context, actor string, req *internalv1.HeartbeatRequest) (*internalv1.HeartbeatResponse, error) {
	items := req.GetItems()
	out := make([]*internalv1.HeartbeatOutcome, len(items))
	for _, at := range byTenant(len(items), func(i int) string { return items[i].GetTenantId() }) {
		sc := tenancy.Scope{Tenant: tenancy.ID(items[at[0]].GetTenantId()), Actor: actor}
		err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
			return nil, c.beat(ctx, tx, items, at, out)
		})
		if err != nil {
			return nil, err
		}
	}
	return &internalv1.HeartbeatResponse{Outcomes: out}, nil
}

func (c *Committer) beat(ctx context.Context, tx *store.Tx, items []*internalv1.HeartbeatItem, at []int, out []*internalv1.HeartbeatOutcome) error {
	ids, epochs := make([]string, len(at)), make([]int64, len(at))
	for n, i := range at {
		ids[n], epochs[n] = items[i].GetTaskId(), items[i].GetEpoch()
	}
	extended, err := tx.LeasesExtend(ctx, ids, epochs, c.set.Lease)
	if err != nil {
		return err
	}
	leases := make(map[string]store.Lease, len(extended))
	for _, l := range extended {
		leases[l.ID] = l
	}
	for _, i := range at {
		item := items[i]
		if l, ok := leases[item.GetTaskId()]; ok && l.Epoch == item.GetEpoch() {
			out[i] = &internalv1.HeartbeatOutcome{TaskId: l.ID, Keep: true, LeaseUntil: timestamppb.New(l.Until)}
			continue
		}
		if out[i], err = refuseBeat(ctx, tx, item); err != nil {
			return err
		}
	}
	return nil
}

// refuseBeat says why a call must end, and notes of one that has ended under a stop switch that it has: its result may
// not come for as long as the bus is away.
func refuseBeat(ctx context.Context, tx *store.Tx, item *internalv1.HeartbeatItem) (*internalv1.HeartbeatOutcome, error) {
	refused := &internalv1.HeartbeatOutcome{TaskId: item.GetTaskId(), Reason: typev1.Reason_REASON_STALE_EPOCH}
	t, err := tx.TaskGet(ctx, item.GetTaskId())
	if err == nil {
		err = runnable(ctx, tx, t, item.GetEpoch())
	}
	if err == nil {
		// It was released since the statement before, or its row was locked: the next beat extends it.
		return &internalv1.HeartbeatOutcome{TaskId: t.ID, Keep: true, LeaseUntil: timestamppb.New(*t.LeaseUntil)}, nil
	}
	if errs.KindOf(err) == errs.Internal || errs.ReasonOf(err) == typev1.Reason_REASON_UNAVAILABLE {
		return nil, err
	}
	if refused.Reason = errs.ReasonOf(err); refused.GetReason() == typev1.Reason_REASON_STOPPED && item.GetCallEnded() {
		return refused, tx.CallEnded(ctx, t.ID, item.GetEpoch())
	}
	return refused, nil
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
