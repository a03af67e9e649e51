package store

import (
	"context"
	"time"
)

// Review is one item of the human queue. Payload is the canonical arguments an approval would grant.
type Review struct {
	ID            string     `db:"id"`
	TaskID        string     `db:"task_id"`
	ResultID      string     `db:"result_id"`
	CampaignID    string     `db:"campaign_id"`
	AgentID       string     `db:"agent_id"`
	AccountID     *string    `db:"account_id"`
	Platform      string     `db:"platform"`
	State         string     `db:"state"`
	Risk          int16      `db:"risk"`
	Reason        string     `db:"reason"`
	Payload       []byte     `db:"payload"`
	PayloadSHA256 string     `db:"payload_sha256"`
	Excerpt       string     `db:"excerpt"`
	Confidence    float64    `db:"confidence"`
	Tainted       bool       `db:"tainted"`
	Deadline      time.Time  `db:"deadline"`
	ClaimedBy     *string    `db:"claimed_by"`
	ClaimedUntil  *time.Time `db:"claimed_until"`
	DecidedBy     *string    `db:"decided_by"`
	DecidedAt     *time.Time `db:"decided_at"`
	Rationale     string     `db:"rationale"`
	StateVersion  int64      `db:"state_version"`
	CreatedAt     time.Time  `db:"created_at"`
	// Rule, Threshold and Value are what Reason rests on.
	Rule      string `db:"rule"`
	Threshold string `db:"threshold"`
	Value     string `db:"value"`
	// Sensitive items are never decided in bulk.
	Sensitive bool `db:"sensitive"`
	// SnoozedUntil is until when the item is out of the queue.
	SnoozedUntil *time.Time `db:"snoozed_until"`
	// UrgentAt orders the queue: the deadline, four hours earlier for each step of risk.
	UrgentAt time.Time `db:"urgent_at"`
}

const reviewColumns = `id, task_id, result_id, campaign_id, agent_id, account_id, platform, state, risk, reason, payload, payload_sha256, excerpt, confidence, tainted,
	deadline, claimed_by, claimed_until, decided_by, decided_at, rationale, state_version, created_at, rule, threshold, value, sensitive, snoozed_until, urgent_at`

const reviewSelect = "select " + reviewColumns + " from reviews where tenant_id = $1"

// ReviewInsert opens an item.
func (t *Tx) ReviewInsert(ctx context.Context, r Review) error {
	_, err := t.exec(ctx, `insert into reviews (tenant_id, id, task_id, result_id, campaign_id, agent_id, account_id, platform, risk, reason, payload, payload_sha256, excerpt, confidence, tainted, deadline, rule, threshold, value, sensitive)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		t.tenant(), r.ID, r.TaskID, r.ResultID, r.CampaignID, r.AgentID, r.AccountID, r.Platform, r.Risk, r.Reason, r.Payload, r.PayloadSHA256, r.Excerpt, r.Confidence, r.Tainted, r.Deadline,
		r.Rule, r.Threshold, r.Value, r.Sensitive)
	return err
}

// ReviewGet answers one item.
func (t *Tx) ReviewGet(ctx context.Context, id string) (Review, error) {
	return one[Review](ctx, t, reviewSelect+" and id = $2", t.tenant(), id)
}

// ReviewLock is ReviewGet and holds the row.
func (t *Tx) ReviewLock(ctx context.Context, id string) (Review, error) {
	return one[Review](ctx, t, reviewSelect+" and id = $2 for update", t.tenant(), id)
}

// ReviewOpenOf answers the open item of a task, locked; nil without one.
func (t *Tx) ReviewOpenOf(ctx context.Context, taskID string) (*Review, error) {
	rows, err := many[Review](ctx, t, reviewSelect+" and task_id = $2 and state = 'open' for update", t.tenant(), taskID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// OpenReviews counts what waits for a person.
func (t *Tx) OpenReviews(ctx context.Context) (int, error) {
	return scalar[int](ctx, t, "select count(*)::int from reviews where tenant_id = $1 and state = 'open'", t.tenant())
}

// ReviewClaim marks an open item as being read; nil claimant gives it back.
func (t *Tx) ReviewClaim(ctx context.Context, id string, stateVersion int64, claimant *string, hold time.Duration) error {
	return t.must1(ctx, `update reviews set claimed_by = $4, claimed_until = case when $4::text is null then null else now() + make_interval(secs => $5) end, state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 and state = 'open'`, t.tenant(), id, stateVersion, claimant, hold.Seconds())
}

// ReviewSnooze takes an open item out of the queue until a moment before its deadline; nil wakes it.
func (t *Tx) ReviewSnooze(ctx context.Context, id string, stateVersion int64, until *time.Time) error {
	return t.must1(ctx, `update reviews set snoozed_until = $4, claimed_by = null, claimed_until = null, state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 and state = 'open'`, t.tenant(), id, stateVersion, until)
}

// ReviewClose ends an open item. decidedBy is nil when no person decided (expired, cancelled).
func (t *Tx) ReviewClose(ctx context.Context, id string, stateVersion int64, state string, decidedBy *string, rationale string) error {
	return t.must1(ctx, `update reviews set state = $4, decided_by = $5, decided_at = now(), rationale = $6, claimed_by = null, claimed_until = null, state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 and state = 'open'`, t.tenant(), id, stateVersion, state, decidedBy, rationale)
}

// OverdueReviews answers the tasks of open items whose slot is over.
func (t *Tx) OverdueReviews(ctx context.Context, limit int) ([]string, error) {
	return column[string](ctx, t, "select task_id from reviews where tenant_id = $1 and state = 'open' and deadline < now() order by deadline limit $2", t.tenant(), limit)
}

// RemarksOn answers the reviewers' words on a node of a campaign, oldest first.
func (t *Tx) RemarksOn(ctx context.Context, campaignID, node string) ([]string, error) {
	return column[string](ctx, t, `select r.rationale from reviews r join tasks k on k.tenant_id = r.tenant_id and k.id = r.task_id
		where r.tenant_id = $1 and r.campaign_id = $2 and k.node = $3 and r.state = 'changes_requested' order by r.decided_at limit 50`, t.tenant(), campaignID, node)
}
