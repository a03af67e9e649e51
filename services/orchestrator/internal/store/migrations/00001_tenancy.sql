-- +goose Up
-- Row-level security is the second lock (R9.4): every tenant table forces it, and neither role below owns a
-- table or may bypass it. The roles themselves are made before the migrations, because they are the cluster's.

create schema app;
grant usage on schema app to chimera_app, chimera_system;

-- After one SET LOCAL the setting is '' and not null in the next transaction of a pooled connection: both raise.
-- +goose StatementBegin
create function app.tenant() returns uuid language plpgsql stable as $$
declare
  t text := current_setting('app.tenant', true);
begin
  if t is null or t = '' then
    raise exception 'no tenant is set in this transaction' using errcode = 'CH001';
  end if;
  return t::uuid;
end $$;
-- +goose StatementEnd
grant execute on function app.tenant() to chimera_app, chimera_system;

-- Locks one table down: forced row-level security, one policy for all commands, named privileges only.
-- +goose StatementBegin
create procedure app.protect(tbl text, app_privileges text, system_columns text default null) language plpgsql as $$
begin
  execute format('alter table %I enable row level security', tbl);
  execute format('alter table %I force row level security', tbl);
  execute format('create policy tenant on %I for all to chimera_app using (tenant_id = (select app.tenant())) with check (tenant_id = (select app.tenant()))', tbl);
  execute format('revoke all on %I from public', tbl);
  execute format('grant %s on %I to chimera_app', app_privileges, tbl);
  if system_columns is not null then
    -- The system role finds work across tenants; it reads these columns and writes nothing.
    execute format('create policy system_read on %I for select to chimera_system using (true)', tbl);
    execute format('grant select (%s) on %I to chimera_system', system_columns, tbl);
  end if;
end $$;
-- +goose StatementEnd

create table tenants (
  tenant_id  uuid primary key,
  slug       text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name       text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);
call app.protect('tenants', 'select, insert, update', 'tenant_id, slug, name, created_at');

create table members (
  tenant_id  uuid not null references tenants,
  subject    text not null check (length(subject) between 1 and 200),
  email      text not null default '',
  role       text not null check (role in ('viewer', 'operator', 'reviewer', 'admin')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, subject)
);
call app.protect('members', 'select, insert, update, delete', 'tenant_id, subject, email, role');

create table security_events (
  tenant_id  uuid not null references tenants,
  id         uuid not null,
  at         timestamptz not null default now(),
  kind       text not null check (length(kind) between 1 and 80),
  actor      text not null,
  detail     text not null check (length(detail) <= 2000),
  request_id text not null default '',
  primary key (tenant_id, id)
);
call app.protect('security_events', 'select, insert');

create table idempotency_keys (
  tenant_id      uuid not null references tenants,
  key            text not null check (length(key) between 1 and 64),
  method         text not null,
  request_sha256 text not null,
  response       bytea not null,
  created_at     timestamptz not null default now(),
  primary key (tenant_id, method, key)
);
call app.protect('idempotency_keys', 'select, insert, delete');

-- +goose Down
drop table idempotency_keys, security_events, members, tenants;
drop schema app cascade;
