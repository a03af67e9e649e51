package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"chimera/services/internal/tenancy"
)

// Tenant is an agency or a brand.
type Tenant struct {
	ID        string    `db:"tenant_id"`
	Slug      string    `db:"slug"`
	Name      string    `db:"name"`
	CreatedAt time.Time `db:"created_at"`
}

// Member is a person's role in one tenant.
type Member struct {
	Subject   string    `db:"subject"`
	Email     string    `db:"email"`
	Role      string    `db:"role"`
	CreatedAt time.Time `db:"created_at"`
	Name      string    `db:"name"`
}

// Membership is a member's row as the auth interceptor needs it.
type Membership struct {
	TenantID string `db:"tenant_id"`
	Slug     string `db:"slug"`
	Name     string `db:"name"`
	Role     string `db:"role"`
	// MemberName is the person's, as last noted.
	MemberName string `db:"member_name"`
}

// Memberships lists the tenants a subject belongs to: the only source of a tenant for a person (R13.2).
func (s *Store) Memberships(ctx context.Context, subject string) ([]Membership, error) {
	return systemMany[Membership](ctx, s, `select m.tenant_id, t.slug, t.name, m.role, m.name as member_name from members m join tenants t on t.tenant_id = m.tenant_id
		where m.subject = $1 order by t.slug`, subject)
}

// Tenants lists all tenants, for the loops that serve them in turn.
func (s *Store) Tenants(ctx context.Context) ([]Tenant, error) {
	return systemMany[Tenant](ctx, s, "select tenant_id, slug, name, created_at from tenants order by tenant_id")
}

func systemMany[T any](ctx context.Context, s *Store, sql string, args ...any) ([]T, error) {
	rows, err := s.system.Query(ctx, sql, args...)
	if err != nil {
		return nil, translate(err)
	}
	v, err := structs[T](rows)
	return v, translate(err)
}

func systemIDs(ctx context.Context, s *Store, sql string, args ...any) ([]tenancy.ID, error) {
	rows, err := s.system.Query(ctx, sql, args...)
	if err != nil {
		return nil, translate(err)
	}
	v, err := pgx.CollectRows(rows, pgx.RowTo[tenancy.ID])
	return v, translate(err)
}

// OwnerOf finds whose object an id is, over every kind of object that has one; "" for nobody's. It serves the
// detection of cross-tenant attempts and never an answer (R9.5).
func (s *Store) OwnerOf(ctx context.Context, id string) (tenancy.ID, error) {
	ids, err := systemIDs(ctx, s, `
		select tenant_id from agents where id = $1 union all select tenant_id from accounts where id = $1
		union all select tenant_id from campaigns where id = $1 union all select tenant_id from tasks where id = $1
		union all select tenant_id from reviews where id = $1 union all select tenant_id from effects where id = $1
		union all select tenant_id from posts where id = $1 union all select tenant_id from stops where id = $1
		union all select tenant_id from dead_letters where id = $1 union all select tenant_id from tenants where tenant_id = $1 limit 1`, id)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// TenantInsert makes the scope's tenant.
func (t *Tx) TenantInsert(ctx context.Context, slug, name string) error {
	_, err := t.exec(ctx, "insert into tenants (tenant_id, slug, name) values ($1, $2, $3)", t.tenant(), slug, name)
	return err
}

// MemberUpsert adds a member or changes the role.
func (t *Tx) MemberUpsert(ctx context.Context, m Member) (Member, error) {
	return one[Member](ctx, t, `insert into members (tenant_id, subject, email, role, name) values ($1, $2, $3, $4, $5)
		on conflict (tenant_id, subject) do update set email = excluded.email, role = excluded.role
		returning subject, email, role, created_at, name`, t.tenant(), m.Subject, m.Email, m.Role, m.Name)
}

// MemberNamed notes how the identity provider names a member.
func (t *Tx) MemberNamed(ctx context.Context, subject, name string) error {
	_, err := t.exec(ctx, "update members set name = $3 where tenant_id = $1 and subject = $2 and name <> $3", t.tenant(), subject, name)
	return err
}

// MemberDelete ends a membership.
func (t *Tx) MemberDelete(ctx context.Context, subject string) error {
	n, err := t.exec(ctx, "delete from members where tenant_id = $1 and subject = $2", t.tenant(), subject)
	if err == nil && n == 0 {
		return ErrMissing
	}
	return err
}

// AdminsLocked lists the tenant's admins and holds their rows, so that two calls cannot each remove "the other" last one.
func (t *Tx) AdminsLocked(ctx context.Context) ([]string, error) {
	return column[string](ctx, t, "select subject from members where tenant_id = $1 and role = 'admin' order by subject for update", t.tenant())
}

// MemberList pages by subject.
func (t *Tx) MemberList(ctx context.Context, after string, limit int) ([]Member, error) {
	return many[Member](ctx, t, "select subject, email, role, created_at, name from members where tenant_id = $1 and subject > $2 order by subject limit $3", t.tenant(), after, limit)
}

// SecurityEvent is a blocked attempt.
type SecurityEvent struct {
	ID        string    `db:"id"`
	At        time.Time `db:"at"`
	Kind      string    `db:"kind"`
	Actor     string    `db:"actor"`
	Detail    string    `db:"detail"`
	RequestID string    `db:"request_id"`
}

// SecurityEventInsert records a blocked attempt in the scope's tenant.
func (t *Tx) SecurityEventInsert(ctx context.Context, id, kind, detail string) error {
	_, err := t.exec(ctx, "insert into security_events (tenant_id, id, kind, actor, detail, request_id) values ($1, $2, $3, $4, left($5, 2000), $6)",
		t.tenant(), id, kind, t.scope.Actor, detail, t.scope.RequestID)
	return err
}

// SecurityEventList pages newest first; before is an id or "".
func (t *Tx) SecurityEventList(ctx context.Context, before string, limit int) ([]SecurityEvent, error) {
	return many[SecurityEvent](ctx, t, `select id, at, kind, actor, detail, request_id from security_events
		where tenant_id = $1 and ($2 = '' or id < nullif($2, '')::uuid) order by id desc limit $3`, t.tenant(), before, limit)
}

// IdempotencyKey names a call that may come again.
type IdempotencyKey struct {
	Method string `db:"method"`
	Key    string `db:"key"`
}

// IdempotentResponse is what the first call with a key was answered.
type IdempotentResponse struct {
	IdempotencyKey
	RequestSHA256 string `db:"request_sha256"`
	Response      []byte `db:"response"`
}

const idempotencySelect = "select method, key, request_sha256, response from idempotency_keys where tenant_id = $1 and method = $2 and key = any($3::text[])"

// IdempotencyGet finds an earlier answer; nil without one.
func (t *Tx) IdempotencyGet(ctx context.Context, method, key string) (*IdempotentResponse, error) {
	rows, err := many[IdempotentResponse](ctx, t, idempotencySelect, t.tenant(), method, []string{key})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// IdempotencyPut keeps the answers in the transaction that made them. It waits for no answer: a concurrent
// twin's transaction fails with ALREADY_EXISTS.
func (t *Tx) IdempotencyPut(all []IdempotentResponse) {
	if len(all) == 0 {
		return
	}
	n := len(all)
	methods, keys, requests, responses := make([]string, n), make([]string, n), make([]string, n), make([][]byte, n)
	for i, r := range all {
		methods[i], keys[i], requests[i], responses[i] = r.Method, r.Key, r.RequestSHA256, r.Response
	}
	var b pgx.Batch
	b.Queue(`insert into idempotency_keys (tenant_id, method, key, request_sha256, response)
		select $1, k.method, k.key, k.request, k.response from unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) as k(method, key, request, response)`,
		t.tenant(), methods, keys, requests, responses)
	t.wait(&b)
}
