package store

import "context"

// Names answers what people call things: by id for objects of the tenant, by subject for its members. What has no
// name is not in the answer. Ids that are none of the tenant's answer nothing.
func (t *Tx) Names(ctx context.Context, ids, subjects []string) (map[string]string, error) {
	rows, err := many[struct {
		Key  string `db:"key"`
		Name string `db:"name"`
	}](ctx, t, `select id::text as key, name from agents where tenant_id = $1 and id = any($2::uuid[])
		union all select id::text, name from campaigns where tenant_id = $1 and id = any($2::uuid[])
		union all select id::text, handle from accounts where tenant_id = $1 and id = any($2::uuid[])
		union all select id::text, node from tasks where tenant_id = $1 and id = any($2::uuid[])
		union all select id::text, left(excerpt, 80) from reviews where tenant_id = $1 and id = any($2::uuid[])
		union all select id::text, left(text, 80) from posts where tenant_id = $1 and id = any($2::uuid[])
		union all select tenant_id::text, name from tenants where tenant_id = $1 and tenant_id = any($2::uuid[])
		union all select subject, name from members where tenant_id = $1 and name <> '' and subject = any($3)`, t.tenant(), ids, subjects)
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.Key] = r.Name
	}
	return names, err
}
