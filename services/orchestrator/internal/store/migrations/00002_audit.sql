-- +goose Up
-- Append-only by privilege and by trigger (R14.3). detail is text, not jsonb: the chain covers its exact bytes.

create table audit_heads (
  tenant_id uuid primary key references tenants,
  seq       bigint not null check (seq >= 0),
  hash      bytea not null check (length(hash) = 32)
);
call app.protect('audit_heads', 'select, insert, update', 'tenant_id, seq');

create table audit_entries (
  tenant_id   uuid not null references tenants,
  seq         bigint not null check (seq > 0),
  at          timestamptz not null,
  actor       text not null,
  action      text not null,
  object_type text not null,
  object_id   text not null,
  request_id  text not null,
  detail      text not null,
  prev_hash   bytea not null check (length(prev_hash) = 32),
  hash        bytea not null check (length(hash) = 32),
  primary key (tenant_id, seq)
);
call app.protect('audit_entries', 'select, insert');
create index audit_entries_object on audit_entries (tenant_id, object_id, seq desc);
create index audit_entries_request on audit_entries (tenant_id, request_id, seq desc);

create table audit_checkpoints (
  tenant_id uuid not null references tenants,
  seq       bigint not null,
  hash      bytea not null check (length(hash) = 32),
  at        timestamptz not null,
  key_id    text not null,
  signature bytea not null check (length(signature) = 64),
  primary key (tenant_id, seq)
);
call app.protect('audit_checkpoints', 'select, insert', 'tenant_id, seq');

-- +goose StatementBegin
create function app.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'CH002';
end $$;
-- +goose StatementEnd
create trigger append_only before update or delete on audit_entries for each row execute function app.refuse_change();
create trigger no_truncate before truncate on audit_entries for each statement execute function app.refuse_change();
create trigger append_only before update or delete on audit_checkpoints for each row execute function app.refuse_change();
create trigger no_truncate before truncate on audit_checkpoints for each statement execute function app.refuse_change();

-- +goose Down
drop table audit_checkpoints, audit_entries, audit_heads;
drop function app.refuse_change;
