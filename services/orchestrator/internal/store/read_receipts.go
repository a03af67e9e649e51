package store

import "context"

// TaskReceipt is what a task's confirmed effect left on its platform.
type TaskReceipt struct {
	Node        string `db:"node"`
	RemoteID    string `db:"remote_id"`
	URI         string `db:"uri"`
	URL         string `db:"url"`
	PlatformKey string `db:"platform_key"`
}

// Receipts answers the confirmed effects of the given tasks.
func (t *Tx) Receipts(ctx context.Context, taskIDs []string) ([]TaskReceipt, error) {
	return many[TaskReceipt](ctx, t, `select k.node, e.remote_id, e.uri, e.url, e.platform_key from effects e
		join tasks k on k.tenant_id = e.tenant_id and k.id = e.task_id
		where e.tenant_id = $1 and e.state = 'confirmed' and e.task_id = any($2::uuid[])`, t.tenant(), taskIDs)
}
