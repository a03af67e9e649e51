package world

import (
	"testing"

	"chimera/tests/internal/referee"
)

const recordsSQL = `select t.id::text, t.campaign_id::text, t.node, t.kind, t.state, coalesce(t.error->>'message', ''),
	(select count(*) from results r where r.tenant_id = t.tenant_id and r.task_id = t.id),
	(select count(*) from decisions d where d.tenant_id = t.tenant_id and d.task_id = t.id and d.verdict = 'approved'),
	(select count(*) from audit_entries a where a.tenant_id = t.tenant_id and a.object_id = t.id::text and a.action = 'task.approved'),
	(select count(*) from reviews v where v.tenant_id = t.tenant_id and v.task_id = t.id and v.state = 'open'),
	(select count(*) from dead_letters l where l.tenant_id = t.tenant_id and l.task_id = t.id::text)
	from tasks t where t.campaign_id = any($1::uuid[])`

const campaignsSQL = `select c.id::text, c.state,
	coalesce((select jsonb_array_length(p.nodes) from plans p where p.tenant_id = c.tenant_id and p.campaign_id = c.id and p.version = c.plan_version), 0)::bigint,
	(select count(*) from tasks t where t.tenant_id = c.tenant_id and t.campaign_id = c.id and t.last_plan_version is null),
	(select count(*) from audit_entries a where a.tenant_id = c.tenant_id and a.object_id = c.id::text and a.action = 'campaign.started')
	from campaigns c where c.id = any($1::uuid[])`

const executionsSQL = `select e.id::text, e.task_id::text, e.state,
	(select count(*) from grants g where g.tenant_id = e.tenant_id and g.effect_id = e.id and g.state = 'redeemed'),
	(select count(*) from grants g join audit_entries a on a.tenant_id = g.tenant_id and a.object_id = g.id::text and a.action = 'grant.redeemed'
		where g.tenant_id = e.tenant_id and g.effect_id = e.id),
	(select count(*) from grants g where g.tenant_id = e.tenant_id and g.effect_id = e.id),
	(select count(*) from audit_entries a where a.tenant_id = e.tenant_id and a.object_id = e.id::text and a.action = 'effect.confirmed')
	from effects e where e.campaign_id = any($1::uuid[])`

// unforcedSQL names the tables with a tenant that their owner could read past row-level security.
const unforcedSQL = `select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
	join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
	where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity) order by 1`

// Ledger reads the whole system's books, past row-level security: what every campaign that was ever started became.
func (w *World) Ledger(t testing.TB) referee.Ledger {
	t.Helper()
	q := w.Database
	ids := Column[string](t, q, "select id::text from campaigns where state <> 'draft'")
	l := referee.Ledger{
		Book:       bookOf(t, q, ids),
		Campaigns:  Rows[referee.Campaign](t, q, campaignsSQL, ids),
		Records:    Rows[referee.Record](t, q, recordsSQL, ids),
		Executions: Rows[referee.Execution](t, q, executionsSQL, ids),
		Unforced:   Column[string](t, q, unforcedSQL),
	}
	l.Creations = w.Sandbox.AllCreations(t)
	l.Nodes = nil // campaigns are counted one by one
	if out, err := w.TryCommand(t, nil, "audit", "verify"); err != nil {
		l.Unverified = append(l.Unverified, out)
	}
	return l
}

// History is all that the books know about a task, oldest first: where one looks when a check has found something.
func (w *World) History(t testing.TB, id string) []string {
	t.Helper()
	return Column[string](t, w.Database, `with it as (select * from tasks where id::text = $1 or campaign_id::text = $1)
		select line from (
			select created_at at, concat_ws(' ', 'task', id, node, kind, mode, state, 'attempt', attempt, 'epoch', epoch, 'worker', worker_id, 'not before', not_before, 'dispatched', dispatched_at, 'lease', lease_until, error) line from it
			union all select r.created_at, concat_ws(' ', 'result', r.id, 'epoch', r.epoch, 'attempt', r.attempt) from results r join it on it.tenant_id = r.tenant_id and it.id = r.task_id
			union all select d.created_at, concat_ws(' ', 'decision', d.verdict, 'by', d.decided_by) from decisions d join it on it.tenant_id = d.tenant_id and it.id = d.task_id
			union all select e.prepared_at, concat_ws(' ', 'effect', e.id, e.state, e.platform_key, e.note, 'look-ups', e.lookups) from effects e join it on it.tenant_id = e.tenant_id and it.id = e.task_id
			union all select g.created_at, concat_ws(' ', 'grant', g.id, g.state, 'redeemed', g.redeemed_at) from grants g join it on it.tenant_id = g.tenant_id and it.id = g.task_id
			union all select a.at, concat_ws(' ', 'audit', a.seq, a.action, a.actor, a.detail) from audit_entries a join it on it.tenant_id = a.tenant_id and a.object_id = it.id::text
			union all select l.created_at, concat_ws(' ', 'dead letter', l.state, l.reason) from dead_letters l join it on it.tenant_id = l.tenant_id and l.task_id = it.id::text
		) lines order by at limit 200`, id)
}
