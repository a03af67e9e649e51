package store

import (
	"context"
	"time"

	"chimera/services/internal/tenancy"
)

// Post is what was published, with how it came to be (R10.6).
type Post struct {
	ID              string     `db:"id"`
	EffectID        string     `db:"effect_id"`
	TaskID          string     `db:"task_id"`
	CampaignID      string     `db:"campaign_id"`
	AccountID       string     `db:"account_id"`
	Platform        string     `db:"platform"`
	RemoteID        string     `db:"remote_id"`
	URI             string     `db:"uri"`
	URL             string     `db:"url"`
	Text            string     `db:"text"`
	Payload         []byte     `db:"payload"`
	PayloadSHA256   string     `db:"payload_sha256"`
	Method          string     `db:"method"`
	ApprovedBy      string     `db:"approved_by"`
	Edited          bool       `db:"edited"`
	PublishedAt     time.Time  `db:"published_at"`
	ReadBackAt      *time.Time `db:"read_back_at"`
	ReadBackMatches *bool      `db:"read_back_matches"`
	Likes           int64      `db:"likes"`
	Reposts         int64      `db:"reposts"`
	Replies         int64      `db:"replies"`
	MetricsAt       *time.Time `db:"metrics_at"`
}

const postSelect = `select id, effect_id, task_id, campaign_id, account_id, platform, remote_id, uri, url, text, payload, payload_sha256, method, approved_by, edited,
	published_at, read_back_at, read_back_matches, likes, reposts, replies, metrics_at from posts where tenant_id = $1`

// PostInsert records a confirmed publication.
func (t *Tx) PostInsert(ctx context.Context, p Post) error {
	_, err := t.exec(ctx, `insert into posts (tenant_id, id, effect_id, task_id, campaign_id, account_id, platform, remote_id, uri, url, text, payload, payload_sha256, method, approved_by, edited, published_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, now())`,
		t.tenant(), p.ID, p.EffectID, p.TaskID, p.CampaignID, p.AccountID, p.Platform, p.RemoteID, p.URI, p.URL, p.Text, p.Payload, p.PayloadSHA256, p.Method, p.ApprovedBy, p.Edited)
	return err
}

// PostGet answers one post.
func (t *Tx) PostGet(ctx context.Context, id string) (Post, error) {
	return one[Post](ctx, t, postSelect+" and id = $2", t.tenant(), id)
}

// PostByURI answers an account's post by its address on the platform.
func (t *Tx) PostByURI(ctx context.Context, accountID, uri string) (Post, error) {
	return one[Post](ctx, t, postSelect+" and account_id = $2 and uri = $3 limit 1", t.tenant(), accountID, uri)
}

// PostList pages newest first.
func (t *Tx) PostList(ctx context.Context, campaignID, accountID, before string, limit int) ([]Post, error) {
	return many[Post](ctx, t, postSelect+` and ($2 = '' or campaign_id = nullif($2, '')::uuid) and ($3 = '' or account_id = nullif($3, '')::uuid)
		and ($4 = '' or id < nullif($4, '')::uuid) order by id desc limit $5`, t.tenant(), campaignID, accountID, before, limit)
}

// PostReadBack notes what the platform shows.
func (t *Tx) PostReadBack(ctx context.Context, id string, matches bool) error {
	return t.must1(ctx, "update posts set read_back_at = now(), read_back_matches = $3 where tenant_id = $1 and id = $2", t.tenant(), id, matches)
}

// PostMetrics notes the platform's counts.
func (t *Tx) PostMetrics(ctx context.Context, id string, likes, reposts, replies int64) error {
	return t.must1(ctx, "update posts set likes = $3, reposts = $4, replies = $5, metrics_at = now() where tenant_id = $1 and id = $2", t.tenant(), id, likes, reposts, replies)
}

// PostRemembered notes that semantic memory holds the post.
func (t *Tx) PostRemembered(ctx context.Context, id string) error {
	return t.must1(ctx, "update posts set remembered_at = now() where tenant_id = $1 and id = $2", t.tenant(), id)
}

// PostsUnremembered answers posts that memory has yet to take, oldest first.
func (t *Tx) PostsUnremembered(ctx context.Context, limit int) ([]Post, error) {
	return many[Post](ctx, t, postSelect+" and remembered_at is null order by published_at limit $2", t.tenant(), limit)
}

// TenantsUnremembered lists tenants with posts for memory.
func (s *Store) TenantsUnremembered(ctx context.Context, limit int) ([]tenancy.ID, error) {
	return systemIDs(ctx, s, "select distinct tenant_id from posts where remembered_at is null limit $1", limit)
}

// TenantsUncheckpointed lists tenants whose chain has grown since its last signed checkpoint.
func (s *Store) TenantsUncheckpointed(ctx context.Context, limit int) ([]tenancy.ID, error) {
	return systemIDs(ctx, s, `select h.tenant_id from audit_heads h where h.seq > coalesce((select max(c.seq) from audit_checkpoints c where c.tenant_id = h.tenant_id), 0) limit $1`, limit)
}
