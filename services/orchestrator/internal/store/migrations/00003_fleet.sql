-- +goose Up
-- Every key and foreign key starts with tenant_id: a reference cannot cross tenants, and a unique violation
-- cannot tell one tenant what another has (R9.4).

create table agents (
  tenant_id       uuid not null references tenants,
  id              uuid not null,
  name            text not null check (length(name) between 1 and 120),
  persona_version int not null check (persona_version >= 1),
  state_version   bigint not null default 1,
  created_at      timestamptz not null default now(),
  primary key (tenant_id, id)
);
call app.protect('agents', 'select, insert, update', 'tenant_id, id');

create table persona_versions (
  tenant_id  uuid not null,
  agent_id   uuid not null,
  version    int not null check (version >= 1),
  persona    jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, agent_id, version),
  foreign key (tenant_id, agent_id) references agents
);
call app.protect('persona_versions', 'select, insert');

create table accounts (
  tenant_id     uuid not null,
  id            uuid not null,
  agent_id      uuid not null,
  platform      text not null,
  handle        text not null,
  base_url      text not null,
  health        text not null default 'ok' check (health in ('ok', 'credential_dead', 'disabled')),
  -- age ciphertext: the key lies outside the database (R11.4).
  sealed_secret bytea not null,
  state_version bigint not null default 1,
  created_at    timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, agent_id) references agents,
  constraint accounts_unique unique (tenant_id, platform, base_url, handle)
);
call app.protect('accounts', 'select, insert, update', 'tenant_id, id');
create index accounts_agent on accounts (tenant_id, agent_id);

create table policies (
  tenant_id  uuid not null references tenants,
  version    int not null check (version >= 1),
  body       jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, version)
);
call app.protect('policies', 'select, insert');

create table stops (
  tenant_id     uuid not null references tenants,
  id            uuid not null,
  scope         text not null check (scope in ('tenant', 'agent', 'account', 'campaign')),
  scope_id      uuid not null,
  reason        text not null,
  pressed_by    text not null,
  pressed_at    timestamptz not null default now(),
  released_by   text,
  released_at   timestamptz,
  state_version bigint not null default 1,
  primary key (tenant_id, id),
  check ((released_at is null) = (released_by is null))
);
call app.protect('stops', 'select, insert, update', 'tenant_id, id');
create unique index stops_active on stops (tenant_id, scope, scope_id) where released_at is null;

-- What the workers see is the installation's, not a tenant's; what a tenant lets run is its own (tool_pins).
create table tools (
  tool        text primary key,
  version     text not null,
  digest      text not null check (digest ~ '^[0-9a-f]{64}$'),
  descriptor  text not null,
  read_only   boolean not null,
  seen_at     timestamptz not null default now()
);
grant select, insert, update on tools to chimera_app;

create table workers (
  worker_id text primary key,
  seen_at   timestamptz not null default now()
);
grant select, insert, update, delete on workers to chimera_app;

create table tool_pins (
  tenant_id  uuid not null references tenants,
  tool       text not null,
  digest     text not null check (digest ~ '^[0-9a-f]{64}$'),
  descriptor text not null,
  pinned_by  text not null,
  pinned_at  timestamptz not null default now(),
  primary key (tenant_id, tool)
);
call app.protect('tool_pins', 'select, insert, update');

-- +goose Down
drop table tool_pins, workers, tools, stops, policies, accounts, persona_versions, agents;
