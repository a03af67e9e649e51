package store

import (
	"context"
	"time"

	"chimera/services/internal/tenancy"
)

// Stop is a stop switch; active while ReleasedAt is nil.
type Stop struct {
	ID         string     `db:"id"`
	Scope      string     `db:"scope"`
	ScopeID    string     `db:"scope_id"`
	Reason     string     `db:"reason"`
	PressedBy  string     `db:"pressed_by"`
	PressedAt  time.Time  `db:"pressed_at"`
	ReleasedBy *string    `db:"released_by"`
	ReleasedAt *time.Time `db:"released_at"`
	// QuietAt is when no call under the switch was running any more; nil until then, and for good when it was released before.
	QuietAt      *time.Time `db:"quiet_at"`
	StateVersion int64      `db:"state_version"`
	// Ending are the calls under it that still run; 0 once it is quiet or released.
	Ending int32 `db:"ending"`
}

// covers is whether the switch s holds the task k.
const covers = `(s.scope = 'tenant' or (s.scope = 'agent' and k.agent_id = s.scope_id) or (s.scope = 'campaign' and k.campaign_id = s.scope_id)
	or (s.scope = 'account' and k.account_id = s.scope_id))`

// unstopped is whether no switch holds the task k; without any switch on, no task is asked for one.
const unstopped = `(not (select exists (select from stops where tenant_id = $1 and released_at is null)) or not exists (
	select from stops s where s.tenant_id = $1 and s.released_at is null and ` + covers + `))`

// calling is whether the task k has a call that may still run. Without its lease a worker has ended it, heard of or not.
const calling = "k.state = 'running' and k.ended_epoch is distinct from k.epoch and k.lease_until > now()"

const stopSelect = `select s.id, s.scope, s.scope_id, s.reason, s.pressed_by, s.pressed_at, s.released_by, s.released_at, s.quiet_at, s.state_version,
	case when s.released_at is null and s.quiet_at is null then
		(select count(*) from tasks k where k.tenant_id = $1 and ` + calling + " and " + covers + `) else 0 end::int as ending
	from stops s where s.tenant_id = $1`

// StopInsert presses a switch; one that is on already fails as ALREADY_EXISTS.
func (t *Tx) StopInsert(ctx context.Context, id, scope, scopeID, reason string) error {
	_, err := t.exec(ctx, "insert into stops (tenant_id, id, scope, scope_id, reason, pressed_by) values ($1, $2, $3, $4, $5, $6)",
		t.tenant(), id, scope, scopeID, reason, t.scope.Actor)
	return err
}

// StopRelease lets the scope go on.
func (t *Tx) StopRelease(ctx context.Context, id string, stateVersion int64) error {
	t.released = true
	return t.must1(ctx, `update stops set released_by = $4, released_at = now(), state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 and released_at is null`, t.tenant(), id, stateVersion, t.scope.Actor)
}

// StopGet answers one switch.
func (t *Tx) StopGet(ctx context.Context, id string) (Stop, error) {
	return one[Stop](ctx, t, stopSelect+" and s.id = $2", t.tenant(), id)
}

// StopList pages newest first; all includes released ones.
func (t *Tx) StopList(ctx context.Context, all bool, before string, limit int) ([]Stop, error) {
	return many[Stop](ctx, t, stopSelect+" and ($2 or s.released_at is null) and ($3 = '' or s.id < nullif($3, '')::uuid) order by s.id desc limit $4", t.tenant(), all, before, limit)
}

// Stopped tells whether any active switch covers the work: its tenant, agent, account or campaign.
// accountID may be "".
func (t *Tx) Stopped(ctx context.Context, agentID, accountID, campaignID string) (bool, error) {
	return scalar[bool](ctx, t, `select exists (select from stops where tenant_id = $1 and released_at is null and (
		scope = 'tenant' or (scope = 'agent' and scope_id = $2) or (scope = 'campaign' and scope_id = $4)
		or (scope = 'account' and scope_id = nullif($3, '')::uuid)))`, t.tenant(), agentID, accountID, campaignID)
}

// TenantsEnding lists tenants with an active switch under which calls may still run.
func (s *Store) TenantsEnding(ctx context.Context, limit int) ([]tenancy.ID, error) {
	return systemIDs(ctx, s, "select distinct tenant_id from stops where released_at is null and quiet_at is null and pressed_xid is not null limit $1", limit)
}

// Quieted is a switch that took its full effect just now.
type Quieted struct {
	ID        string    `db:"id"`
	Scope     string    `db:"scope"`
	PressedAt time.Time `db:"pressed_at"`
	QuietAt   time.Time `db:"quiet_at"`
}

// StopsQuiet marks the active switches under which no call runs any more, and answers them. A transaction that began
// before the press may not have seen it and still start a call: while one is open, nothing is called quiet. After half a
// minute it is not one of ours. The state_version stays: who releases needs not have seen this.
func (t *Tx) StopsQuiet(ctx context.Context) ([]Quieted, error) {
	return many[Quieted](ctx, t, `update stops s set quiet_at = clock_timestamp()
		where s.tenant_id = $1 and s.released_at is null and s.quiet_at is null and s.pressed_xid is not null
		  and (s.pressed_xid < pg_snapshot_xmin(pg_current_snapshot()) or s.pressed_at < now() - interval '30 seconds')
		  and not exists (select from tasks k where k.tenant_id = $1 and `+calling+" and "+covers+`)
		returning s.id, s.scope, s.pressed_at, s.quiet_at`, t.tenant())
}

// CallEnded notes that an attempt's call is over although its result has not come.
func (t *Tx) CallEnded(ctx context.Context, id string, epoch int64) error {
	_, err := t.exec(ctx, "update tasks set ended_epoch = epoch where tenant_id = $1 and id = $2 and epoch = $3 and state = 'running' and ended_epoch is distinct from epoch", t.tenant(), id, epoch)
	return err
}
