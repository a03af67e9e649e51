package store

import (
	"context"
	"time"

	"chimera/services/internal/tenancy"
)

// This file holds the queue's mechanics: what dispatches, claims, leases and reconciles. Only the database's
// clock decides here.

// TenantsWithReady lists tenants that have a task to dispatch now: it skips from one tenant's oldest to the next's,
// so that its cost grows with the tenants and not with their backlog.
func (s *Store) TenantsWithReady(ctx context.Context, limit int) ([]tenancy.ID, error) {
	return systemIDs(ctx, s, `
		with recursive oldest as (
			(select tenant_id, not_before from tasks where state = 'ready' order by tenant_id, not_before limit 1)
			union all
			select n.tenant_id, n.not_before from oldest o, lateral (
				select tenant_id, not_before from tasks where state = 'ready' and tenant_id > o.tenant_id order by tenant_id, not_before limit 1) n)
		select tenant_id from oldest where not_before <= now() limit $1`, limit)
}

// TenantsOverdue lists tenants for whom the reconciler has work: expired leases, lost dispatches, results
// nobody judged, effects to settle, reviews and content past their deadline, finished dependencies.
func (s *Store) TenantsOverdue(ctx context.Context, o Overdue) ([]tenancy.ID, error) {
	return systemIDs(ctx, s, `
		select tenant_id from tasks where state = 'running' and lease_until < now()
		union select tenant_id from tasks where state = 'queued' and dispatched_at < now() - make_interval(secs => $1)
		union select tenant_id from tasks where state = 'judging' and updated_at < now() - make_interval(secs => $2)
		union select tenant_id from tasks where state in ('ready', 'queued') and deadline < now()
		union select tenant_id from tasks where state = 'blocked' and stalled and not_before < now()
		union select tenant_id from effects where state = 'sending' and call_deadline < now()
		union select tenant_id from effects where state = 'unknown' and resolve_after < now()
		union select tenant_id from reviews where state = 'open' and deadline < now()`,
		o.Queued.Seconds(), o.Judging.Seconds())
}

// Overdue says how long a state may last before the reconciler looks.
type Overdue struct {
	// Queued is how long a dispatched task may go unclaimed before it is put on the bus again.
	Queued time.Duration
	// Judging is how long a result may wait for its verdict before it is judged again.
	Judging time.Duration
}

// TakeReady moves up to window minus in-flight ready tasks to queued and answers them with what they waited for.
// SKIP LOCKED lets replicas share the work; stopped, paused and stalled work stays where it is. The room is read
// from the counters: two at once may overshoot the window by a batch, never lose or double a task.
//
// more tells that ready tasks may be left for want of room. What was picked is updated as a list of keys: of a join
// Postgres cannot know how few rows the room leaves, and reads all of the tenant's tasks for it.
func (t *Tx) TakeReady(ctx context.Context, window int) (taken []ReadyTask, more bool, err error) {
	taken, err = many[ReadyTask](ctx, t, `
		with room as (select greatest($2::bigint - coalesce(sum(n), 0), 0)::bigint as n from (
				select n from task_counts where tenant_id = $1 and state in ('queued', 'running')
				union all select n from task_count_changes where tenant_id = $1 and state in ('queued', 'running')) c),
		stopped as (select scope, scope_id from stops where tenant_id = $1 and released_at is null),
		picked as (
			select k.id from tasks k
			where k.tenant_id = $1 and k.state = 'ready' and k.not_before <= now()
			  -- Asked of one row at a time: of joins, Postgres may sort all that is ready to take the first few.
			  and ((select c.state from campaigns c where c.tenant_id = k.tenant_id and c.id = k.campaign_id) = 'running' or k.resolves_effect is not null)
			  -- A tool that changed under its pin holds its tasks back until an admin accepts it (R8.4).
			  and (select exists (select from tools w where w.tool = k.tool and w.digest = k.tool_digest))
			  and (not (select exists (select from stopped)) or not exists (select from stopped s where `+covers+`))
			order by k.priority desc, k.not_before, k.id limit (select n from room) for update of k skip locked)
		update tasks t set state = 'queued', dispatched_at = now(), state_version = state_version + 1, updated_at = now()
		where t.tenant_id = $1 and t.id = any(array(select id from picked)) returning (select n from room) as room, `+readyColumns, t.tenant(), window)
	if err != nil {
		return nil, false, err
	}
	if len(taken) > 0 {
		return taken, int64(len(taken)) >= taken[0].Room, nil
	}
	more, err = scalar[bool](ctx, t, "select exists (select from tasks where tenant_id = $1 and state = 'ready' and not_before <= now())", t.tenant())
	return nil, more, err
}

const readyColumns = taskColumns + ", array(select e.depends_on::text from task_edges e where e.tenant_id = $1 and e.task_id = t.id order by e.depends_on) as depends_on"

// LostDispatches touches queued tasks that nobody claimed in time and answers them, to be put on the bus again:
// harmless, because a claim is fenced.
func (t *Tx) LostDispatches(ctx context.Context, after time.Duration, limit int) ([]ReadyTask, error) {
	return many[ReadyTask](ctx, t, `
		with picked as (select id from tasks where tenant_id = $1 and state = 'queued' and dispatched_at < now() - make_interval(secs => $2)
			order by dispatched_at limit $3 for update skip locked)
		update tasks t set dispatched_at = now() where t.tenant_id = $1 and t.id = any(array(select id from picked)) returning 0::bigint as room, `+readyColumns, t.tenant(), after.Seconds(), limit)
}

// Lease is a renewed lease.
type Lease struct {
	ID    string    `db:"id"`
	Epoch int64     `db:"epoch"`
	Until time.Time `db:"lease_until"`
}

// LeasesExtend renews leases under their epochs and answers them: of tasks that are running, whose campaign is not
// cancelled, and that no switch holds. It bumps no version: a heartbeat is no change of state. Rows are locked in id
// order, so that two workers' batches cannot deadlock.
func (t *Tx) LeasesExtend(ctx context.Context, ids []string, epochs []int64, lease time.Duration) ([]Lease, error) {
	return many[Lease](ctx, t, `
		with held as (
			select k.id, k.epoch from (select id, epoch from unnest($2::uuid[], $3::bigint[]) as a(id, epoch) order by id) a
			cross join lateral (select * from tasks where tenant_id = $1 and id = a.id offset 0 for update) k
			where k.epoch = a.epoch and k.state = 'running' and k.lease_until > now()
			  and exists (select from campaigns c where c.tenant_id = $1 and c.id = k.campaign_id and c.state <> 'cancelled')
			  and `+unstopped+`)
		update tasks t set lease_until = now() + make_interval(secs => $4)
		from held where t.tenant_id = $1 and t.id = held.id returning t.id, t.epoch, t.lease_until`, t.tenant(), ids, epochs, lease.Seconds())
}

// ExpiredLeases answers running tasks whose worker was not heard of in time.
func (t *Tx) ExpiredLeases(ctx context.Context, limit int) ([]string, error) {
	return column[string](ctx, t, "select id from tasks where tenant_id = $1 and state = 'running' and lease_until < now() order by lease_until limit $2", t.tenant(), limit)
}

// StuckJudging answers tasks whose stored result got no verdict in time, and touches them.
func (t *Tx) StuckJudging(ctx context.Context, after time.Duration, limit int) ([]string, error) {
	return column[string](ctx, t, `
		with picked as (select id from tasks where tenant_id = $1 and state = 'judging' and updated_at < now() - make_interval(secs => $2)
			order by updated_at limit $3 for update skip locked)
		update tasks t set updated_at = now() where t.tenant_id = $1 and t.id = any(array(select id from picked)) returning t.id`, t.tenant(), after.Seconds(), limit)
}

// PastDeadline answers tasks that wait although their content's slot is over.
func (t *Tx) PastDeadline(ctx context.Context, limit int) ([]string, error) {
	return column[string](ctx, t, "select id from tasks where tenant_id = $1 and state in ('ready', 'queued') and deadline < now() order by deadline limit $2", t.tenant(), limit)
}

// SetDeadline gives a task the end of its slot.
func (t *Tx) SetDeadline(ctx context.Context, id string, deadline time.Time) error {
	return t.must1(ctx, "update tasks set deadline = $3 where tenant_id = $1 and id = $2", t.tenant(), id, deadline)
}

// TaskStall notes why a task whose dependencies are done cannot start yet; the reconciler looks again after wait.
func (t *Tx) TaskStall(ctx context.Context, id string, reason []byte, wait time.Duration) error {
	return t.must1(ctx, "update tasks set stalled = true, error = $3, not_before = now() + make_interval(secs => $4) where tenant_id = $1 and id = $2 and state = 'blocked'",
		t.tenant(), id, reason, wait.Seconds())
}

// StalledCampaigns answers campaigns with tasks that could not start and may be tried again.
func (t *Tx) StalledCampaigns(ctx context.Context, limit int) ([]string, error) {
	return column[string](ctx, t, "select distinct campaign_id from tasks where tenant_id = $1 and state = 'blocked' and stalled and not_before < now() limit $2", t.tenant(), limit)
}

// TaskCount is one tenant's open tasks in one state.
type TaskCount struct {
	Tenant string `db:"tenant_id"`
	State  string `db:"state"`
	N      int64  `db:"n"`
}

// OpenTaskCounts answers open tasks by tenant and state, for the tenants with the most of them, from the counters.
func (s *Store) OpenTaskCounts(ctx context.Context, tenants int) ([]TaskCount, error) {
	return systemMany[TaskCount](ctx, s, `
		with counts as (select tenant_id, state, sum(n)::bigint as n from (
				select tenant_id, state, n from task_counts union all select tenant_id, state, n from task_count_changes) c
			where state not in ('succeeded', 'rejected', 'failed', 'expired', 'cancelled') group by tenant_id, state having sum(n) > 0),
		deepest as (select tenant_id from counts group by tenant_id order by sum(n) desc, tenant_id limit $1)
		select tenant_id, state, n from counts where tenant_id in (select tenant_id from deepest)`, tenants)
}

// TenantsUncounted lists tenants whose counters have changes to fold in.
func (s *Store) TenantsUncounted(ctx context.Context, limit int) ([]tenancy.ID, error) {
	return systemIDs(ctx, s, "select distinct tenant_id from task_count_changes limit $1", limit)
}

// FoldCounts adds the changes to the counters. Readers see the same sum before and after.
func (t *Tx) FoldCounts(ctx context.Context) error {
	_, err := t.exec(ctx, `with gone as (delete from task_count_changes where tenant_id = $1 returning state, n)
		insert into task_counts (tenant_id, state, n) select $1, state, sum(n) from gone group by state order by state
		on conflict (tenant_id, state) do update set n = task_counts.n + excluded.n`, t.tenant())
	return err
}
