package store

import (
	"context"
	"time"
)

// Effect is one change of the outside world, in its own state machine.
type Effect struct {
	ID            string     `db:"id"`
	TaskID        string     `db:"task_id"`
	CampaignID    string     `db:"campaign_id"`
	AccountID     string     `db:"account_id"`
	Tool          string     `db:"tool"`
	PayloadSHA256 string     `db:"payload_sha256"`
	PlatformKey   string     `db:"platform_key"`
	State         string     `db:"state"`
	RemoteID      string     `db:"remote_id"`
	URI           string     `db:"uri"`
	URL           string     `db:"url"`
	Note          string     `db:"note"`
	ApprovedBy    string     `db:"approved_by"`
	Edited        bool       `db:"edited"`
	Lookups       int32      `db:"lookups"`
	PreparedAt    time.Time  `db:"prepared_at"`
	SendingAt     *time.Time `db:"sending_at"`
	CallDeadline  *time.Time `db:"call_deadline"`
	ResolveAfter  *time.Time `db:"resolve_after"`
	SettledAt     *time.Time `db:"settled_at"`
	StateVersion  int64      `db:"state_version"`
}

const effectSelect = `select id, task_id, campaign_id, account_id, tool, payload_sha256, platform_key, state, remote_id, uri, url, note, approved_by, edited, lookups,
	prepared_at, sending_at, call_deadline, resolve_after, settled_at, state_version from effects where tenant_id = $1`

// EffectInsert prepares an effect with its platform key, before anything is called.
func (t *Tx) EffectInsert(ctx context.Context, e Effect) error {
	_, err := t.exec(ctx, `insert into effects (tenant_id, id, task_id, campaign_id, account_id, tool, payload_sha256, platform_key, approved_by, edited)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, t.tenant(), e.ID, e.TaskID, e.CampaignID, e.AccountID, e.Tool, e.PayloadSHA256, e.PlatformKey, e.ApprovedBy, e.Edited)
	return err
}

// EffectGet answers one effect.
func (t *Tx) EffectGet(ctx context.Context, id string) (Effect, error) {
	return one[Effect](ctx, t, effectSelect+" and id = $2", t.tenant(), id)
}

// EffectLock is EffectGet and holds the row.
func (t *Tx) EffectLock(ctx context.Context, id string) (Effect, error) {
	return one[Effect](ctx, t, effectSelect+" and id = $2 for update", t.tenant(), id)
}

// EffectOfTask answers the task's latest effect, locked.
func (t *Tx) EffectOfTask(ctx context.Context, taskID string) (Effect, error) {
	return one[Effect](ctx, t, effectSelect+" and task_id = $2 order by id desc limit 1 for update", t.tenant(), taskID)
}

// EffectList pages newest first.
func (t *Tx) EffectList(ctx context.Context, state, before string, limit int) ([]Effect, error) {
	return many[Effect](ctx, t, effectSelect+" and ($2 = '' or state = $2) and ($3 = '' or id < nullif($3, '')::uuid) order by id desc limit $4", t.tenant(), state, before, limit)
}

// EffectSending is the point of no return: the caller may act until the answered deadline. sending_at stays the
// first try's, because a look-up has to reach back to it.
func (t *Tx) EffectSending(ctx context.Context, id string, stateVersion int64, call time.Duration) (time.Time, error) {
	rows, err := column[time.Time](ctx, t, `update effects set state = 'sending', sending_at = coalesce(sending_at, now()), call_deadline = now() + make_interval(secs => $4), state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 and state = 'prepared' returning call_deadline`, t.tenant(), id, stateVersion, call.Seconds())
	if err != nil {
		return time.Time{}, err
	}
	if len(rows) == 0 {
		return time.Time{}, errStale
	}
	return rows[0], nil
}

// EffectReceipt is what the platform answered.
type EffectReceipt struct{ RemoteID, URI, URL, Note string }

// EffectSettle ends an effect: confirmed with a receipt, or failed.
func (t *Tx) EffectSettle(ctx context.Context, id string, stateVersion int64, state string, r EffectReceipt) error {
	return t.must1(ctx, `update effects set state = $4, remote_id = $5, uri = $6, url = $7, note = $8, settled_at = now(), resolve_after = null, state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3`, t.tenant(), id, stateVersion, state, r.RemoteID, r.URI, r.URL, r.Note)
}

// EffectHold leaves an effect open: unknown (to be read back after the wait), parked (for a person) or
// prepared again (certainly absent). looked counts a look-up.
func (t *Tx) EffectHold(ctx context.Context, id string, stateVersion int64, state, note string, wait time.Duration, looked bool) error {
	return t.must1(ctx, `update effects set state = $4, note = $5, resolve_after = case when $4 = 'unknown' then now() + make_interval(secs => $6) end,
		lookups = lookups + case when $7 then 1 else 0 end, state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3`, t.tenant(), id, stateVersion, state, note, wait.Seconds(), looked)
}

// OverdueSending answers the tasks of effects whose call must have ended.
func (t *Tx) OverdueSending(ctx context.Context, limit int) ([]string, error) {
	return column[string](ctx, t, "select task_id from effects where tenant_id = $1 and state = 'sending' and call_deadline < now() order by call_deadline limit $2", t.tenant(), limit)
}

// UnknownDue answers the tasks of unknown effects whose quiet period is over and that no look-up is under way for.
func (t *Tx) UnknownDue(ctx context.Context, limit int) ([]string, error) {
	return column[string](ctx, t, `select task_id from effects where tenant_id = $1 and state = 'unknown' and resolve_after < now() and not exists (
		select from tasks k where k.tenant_id = effects.tenant_id and k.resolves_effect = effects.id and k.state not in ('succeeded', 'rejected', 'failed', 'expired', 'cancelled'))
		order by resolve_after limit $2`, t.tenant(), limit)
}

// LookupUnderWay tells whether an effect is being read back now.
func (t *Tx) LookupUnderWay(ctx context.Context, effectID string) (bool, error) {
	return scalar[bool](ctx, t, `select exists (select from tasks where tenant_id = $1 and resolves_effect = $2
		and state not in ('succeeded', 'rejected', 'failed', 'expired', 'cancelled'))`, t.tenant(), effectID)
}

// ConfirmedLastDay counts an account's effects of the last 24 hours that are or may be out.
func (t *Tx) ConfirmedLastDay(ctx context.Context, accountID, tool string) (int, error) {
	return scalar[int](ctx, t, `select count(*)::int from effects where tenant_id = $1 and account_id = $2 and tool = $3
		and ((state = 'confirmed' and settled_at > now() - interval '24 hours') or state in ('sending', 'unknown', 'parked'))`, t.tenant(), accountID, tool)
}

// OpenUnknown counts effects a person may have to look at.
func (t *Tx) OpenUnknown(ctx context.Context) (int, error) {
	return scalar[int](ctx, t, "select count(*)::int from effects where tenant_id = $1 and state in ('unknown', 'parked')", t.tenant())
}

// Grant is an issued permission's row; Signed is the SignedGrant's bytes.
type Grant struct {
	ID            string     `db:"id"`
	EffectID      string     `db:"effect_id"`
	TaskID        string     `db:"task_id"`
	PayloadSHA256 string     `db:"payload_sha256"`
	NotBefore     time.Time  `db:"not_before"`
	NotAfter      time.Time  `db:"not_after"`
	State         string     `db:"state"`
	Signed        []byte     `db:"signed"`
	CreatedAt     time.Time  `db:"created_at"`
	RedeemedAt    *time.Time `db:"redeemed_at"`
}

const grantSelect = "select id, effect_id, task_id, payload_sha256, not_before, not_after, state, signed, created_at, redeemed_at from grants where tenant_id = $1"

// GrantInsert keeps a signed grant; an effect has at most one that can still be redeemed.
func (t *Tx) GrantInsert(ctx context.Context, g Grant) error {
	_, err := t.exec(ctx, "insert into grants (tenant_id, id, effect_id, task_id, payload_sha256, not_before, not_after, signed) values ($1, $2, $3, $4, $5, $6, $7, $8)",
		t.tenant(), g.ID, g.EffectID, g.TaskID, g.PayloadSHA256, g.NotBefore, g.NotAfter, g.Signed)
	return err
}

// GrantLock answers a grant and holds the row.
func (t *Tx) GrantLock(ctx context.Context, id string) (Grant, error) {
	return one[Grant](ctx, t, grantSelect+" and id = $2 for update", t.tenant(), id)
}

// GrantRedeem consumes an issued grant: exactly one caller ever succeeds.
func (t *Tx) GrantRedeem(ctx context.Context, id string) error {
	return t.must1(ctx, "update grants set state = 'redeemed', redeemed_at = now() where tenant_id = $1 and id = $2 and state = 'issued'", t.tenant(), id)
}

// GrantsRevoke makes a task's open grants useless.
func (t *Tx) GrantsRevoke(ctx context.Context, taskID string) error {
	_, err := t.exec(ctx, "update grants set state = 'revoked' where tenant_id = $1 and task_id = $2 and state = 'issued'", t.tenant(), taskID)
	return err
}

// GrantIssued answers the effect's redeemable grants (at most one), for dispatch.
func (t *Tx) GrantIssued(ctx context.Context, taskID string) ([]Grant, error) {
	return many[Grant](ctx, t, grantSelect+" and task_id = $2 and state = 'issued'", t.tenant(), taskID)
}

// GrantList answers an effect's grants, oldest first.
func (t *Tx) GrantList(ctx context.Context, effectID string) ([]Grant, error) {
	return many[Grant](ctx, t, grantSelect+" and effect_id = $2 order by created_at limit 50", t.tenant(), effectID)
}

// EffectDiscard frees a prepared effect's task for another proposal: the effect ends as failed and lets go of its task.
func (t *Tx) EffectDiscard(ctx context.Context, id string, stateVersion int64) error {
	return t.must1(ctx, `update effects set state = 'failed', note = 'its tool changed before it was sent', settled_at = now(), state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 and state = 'prepared'`, t.tenant(), id, stateVersion)
}
