-- +goose Up
-- The path: campaign → plan → task → result → decision → review → grant → effect → post.

create table campaigns (
  tenant_id       uuid not null,
  id              uuid not null,
  agent_id        uuid not null,
  name            text not null check (length(name) between 1 and 120),
  goal            text not null check (length(goal) between 1 and 2000),
  playbook        text not null,
  parameters      jsonb not null,
  state           text not null default 'draft' check (state in ('draft', 'running', 'paused', 'completed', 'cancelled', 'failed')),
  plan_version    int not null default 0 check (plan_version >= 0),
  budget_micros   bigint not null default 0 check (budget_micros >= 0),
  spent_micros    bigint not null default 0 check (spent_micros >= 0),
  state_version   bigint not null default 1,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, agent_id) references agents,
  check (state = 'draft' or plan_version > 0 or state = 'cancelled')
);
call app.protect('campaigns', 'select, insert, update', 'tenant_id, id, state');
create index campaigns_agent on campaigns (tenant_id, agent_id);

create table campaign_accounts (
  tenant_id   uuid not null,
  campaign_id uuid not null,
  account_id  uuid not null,
  position    int not null,
  primary key (tenant_id, campaign_id, account_id),
  foreign key (tenant_id, campaign_id) references campaigns,
  foreign key (tenant_id, account_id) references accounts
);
call app.protect('campaign_accounts', 'select, insert');

create table plans (
  tenant_id       uuid not null,
  campaign_id     uuid not null,
  version         int not null check (version >= 1),
  cause           text not null,
  persona_version int not null,
  nodes           jsonb not null,
  added           text[] not null,
  removed         text[] not null,
  created_by      text not null,
  created_at      timestamptz not null default now(),
  primary key (tenant_id, campaign_id, version),
  foreign key (tenant_id, campaign_id) references campaigns
);
call app.protect('plans', 'select, insert');

create table tasks (
  tenant_id       uuid not null,
  id              uuid not null,
  campaign_id     uuid not null,
  agent_id        uuid not null,
  plan_version    int not null,
  persona_version int not null,
  node            text not null,
  kind            text not null check (kind in ('read', 'draft', 'effect')),
  mode            text not null check (mode in ('run', 'propose', 'execute')),
  tool            text not null,
  account_id      uuid,
  tainted         boolean not null default false,
  -- Empty while blocked: arguments are bound when the last dependency succeeded.
  arguments       bytea not null default '',
  tool_digest     text not null default '',
  spec_digest     text not null default '',
  state           text not null check (state in ('blocked', 'ready', 'queued', 'running', 'judging', 'awaiting_review',
                    'succeeded', 'rejected', 'failed', 'unknown', 'expired', 'cancelled')),
  state_version   bigint not null default 1,
  epoch           bigint not null default 0,
  attempt         int not null default 0,
  max_attempts    int not null check (max_attempts between 1 and 20),
  priority        int not null default 0,
  timeout_ms      int not null check (timeout_ms between 1 and 600000),
  delay_ms        bigint not null default 0 check (delay_ms >= 0),
  max_cost_micros bigint not null default 0,
  cost_micros     bigint not null default 0,
  not_before      timestamptz not null default now(),
  deadline        timestamptz,
  dispatched_at   timestamptz,
  lease_until     timestamptz,
  worker_id       text,
  error           jsonb,
  degraded        text[] not null default '{}',
  request_id      text not null default '',
  traceparent     text not null default '',
  -- Its dependencies are done, but it cannot start yet; error says why.
  stalled         boolean not null default false,
  -- Set on the look-up tasks that settle an effect whose outcome is unknown.
  resolves_effect uuid,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, campaign_id, plan_version) references plans (tenant_id, campaign_id, version),
  foreign key (tenant_id, account_id) references accounts,
  foreign key (tenant_id, agent_id) references agents,
  check (kind = 'effect' or mode = 'run'),
  check (kind <> 'effect' or mode <> 'run'),
  check ((state = 'running') = (lease_until is not null)),
  check (state not in ('ready', 'queued', 'running') or spec_digest <> '')
);
call app.protect('tasks', 'select, insert, update', 'tenant_id, id, state, not_before, dispatched_at, lease_until, updated_at, deadline, stalled');
create index tasks_campaign on tasks (tenant_id, campaign_id);
create index tasks_ready on tasks (not_before, tenant_id) where state = 'ready';
create index tasks_ready_tenant on tasks (tenant_id, priority desc, not_before, id) where state = 'ready';
create index tasks_in_flight on tasks (tenant_id, state) where state in ('queued', 'running');
create index tasks_lease on tasks (lease_until) where state = 'running';
create index tasks_queued on tasks (dispatched_at) where state = 'queued';
create index tasks_judging on tasks (updated_at) where state = 'judging';
create index tasks_blocked on tasks (tenant_id, campaign_id) where state = 'blocked';
create index tasks_stalled on tasks (not_before) where state = 'blocked' and stalled;
create index tasks_list on tasks (tenant_id, id desc);

create table plan_nodes (
  tenant_id   uuid not null,
  campaign_id uuid not null,
  version     int not null,
  node        text not null,
  task_id     uuid not null,
  primary key (tenant_id, campaign_id, version, node),
  foreign key (tenant_id, campaign_id, version) references plans (tenant_id, campaign_id, version),
  foreign key (tenant_id, task_id) references tasks
);
call app.protect('plan_nodes', 'select, insert');

create table task_edges (
  tenant_id  uuid not null,
  task_id    uuid not null,
  depends_on uuid not null,
  primary key (tenant_id, task_id, depends_on),
  foreign key (tenant_id, task_id) references tasks,
  foreign key (tenant_id, depends_on) references tasks,
  check (task_id <> depends_on)
);
call app.protect('task_edges', 'select, insert');
create index task_edges_back on task_edges (tenant_id, depends_on);

create table results (
  tenant_id  uuid not null,
  id         uuid not null,
  task_id    uuid not null,
  epoch      bigint not null,
  attempt    int not null,
  -- The whole Result as it came, deterministic protobuf.
  body       bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, task_id) references tasks,
  -- One attempt has one result: a duplicate delivery finds it here.
  constraint results_once unique (tenant_id, task_id, epoch)
);
call app.protect('results', 'select, insert');

create table decisions (
  tenant_id  uuid not null,
  id         uuid not null,
  task_id    uuid not null,
  result_id  uuid not null,
  verdict    text not null check (verdict in ('approved', 'rejected', 'requires_human_review')),
  decider    text not null check (decider in ('judge', 'human')),
  decided_by text not null,
  body       bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, task_id) references tasks,
  foreign key (tenant_id, result_id) references results,
  constraint decisions_once unique (tenant_id, result_id, decider)
);
call app.protect('decisions', 'select, insert');
create index decisions_task on decisions (tenant_id, task_id);

create table reviews (
  tenant_id      uuid not null,
  id             uuid not null,
  task_id        uuid not null,
  result_id      uuid not null,
  campaign_id    uuid not null,
  agent_id       uuid not null,
  account_id     uuid,
  platform       text not null default '',
  state          text not null default 'open' check (state in ('open', 'approved', 'rejected', 'changes_requested', 'expired', 'cancelled')),
  risk           smallint not null check (risk between 1 and 3),
  reason         text not null,
  payload        bytea not null,
  payload_sha256 text not null,
  excerpt        text not null default '',
  confidence     double precision not null,
  tainted        boolean not null,
  deadline       timestamptz not null,
  claimed_by     text,
  claimed_until  timestamptz,
  decided_by     text,
  decided_at     timestamptz,
  rationale      text not null default '',
  state_version  bigint not null default 1,
  created_at     timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, task_id) references tasks,
  foreign key (tenant_id, result_id) references results,
  foreign key (tenant_id, campaign_id) references campaigns,
  foreign key (tenant_id, account_id) references accounts,
  check ((state in ('approved', 'rejected', 'changes_requested')) = (decided_by is not null))
);
call app.protect('reviews', 'select, insert, update', 'tenant_id, id, state, deadline');
create unique index reviews_one_open on reviews (tenant_id, task_id) where state = 'open';
create index reviews_queue on reviews (tenant_id, risk desc, deadline, id) where state = 'open';
create index reviews_deadline on reviews (deadline) where state = 'open';

create table effects (
  tenant_id      uuid not null,
  id             uuid not null,
  task_id        uuid not null,
  campaign_id    uuid not null,
  account_id     uuid not null,
  tool           text not null,
  payload_sha256 text not null,
  -- Chosen and stored before the first call; every resend uses the same one.
  platform_key   text not null,
  state          text not null default 'prepared' check (state in ('prepared', 'sending', 'confirmed', 'unknown', 'failed', 'parked')),
  remote_id      text not null default '',
  uri            text not null default '',
  url            text not null default '',
  note           text not null default '',
  approved_by    text not null,
  edited         boolean not null default false,
  lookups        int not null default 0,
  prepared_at    timestamptz not null default now(),
  sending_at     timestamptz,
  call_deadline  timestamptz,
  resolve_after  timestamptz,
  settled_at     timestamptz,
  state_version  bigint not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, task_id) references tasks,
  foreign key (tenant_id, account_id) references accounts,
  foreign key (tenant_id, campaign_id) references campaigns,
  constraint effects_key unique (tenant_id, account_id, platform_key),
  check ((state in ('confirmed', 'failed')) = (settled_at is not null))
);
call app.protect('effects', 'select, insert, update', 'tenant_id, id, state, call_deadline, resolve_after');
-- A task has one effect that is, or may be, out; a discarded one gives way to another proposal.
create unique index effects_once on effects (tenant_id, task_id) where state <> 'failed';
create index effects_open on effects (state, resolve_after) where state in ('sending', 'unknown');
create index effects_account_day on effects (tenant_id, account_id, settled_at) where state = 'confirmed';

create table grants (
  tenant_id      uuid not null,
  id             uuid not null,
  effect_id      uuid not null,
  task_id        uuid not null,
  payload_sha256 text not null,
  not_before     timestamptz not null,
  not_after      timestamptz not null,
  state          text not null default 'issued' check (state in ('issued', 'redeemed', 'revoked')),
  signed         bytea not null,
  created_at     timestamptz not null default now(),
  redeemed_at    timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, effect_id) references effects,
  foreign key (tenant_id, task_id) references tasks,
  check ((state = 'redeemed') = (redeemed_at is not null)),
  check (not_before < not_after)
);
call app.protect('grants', 'select, insert, update');
create unique index grants_one_issued on grants (tenant_id, effect_id) where state = 'issued';

create table posts (
  tenant_id         uuid not null,
  id                uuid not null,
  effect_id         uuid not null,
  task_id           uuid not null,
  campaign_id       uuid not null,
  account_id        uuid not null,
  platform          text not null,
  remote_id         text not null,
  uri               text not null,
  url               text not null,
  text              text not null,
  payload           bytea not null,
  payload_sha256    text not null,
  method            text not null,
  approved_by       text not null,
  edited            boolean not null,
  published_at      timestamptz not null,
  read_back_at      timestamptz,
  read_back_matches boolean,
  likes             bigint not null default 0,
  reposts           bigint not null default 0,
  replies           bigint not null default 0,
  metrics_at        timestamptz,
  remembered_at     timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, effect_id) references effects,
  foreign key (tenant_id, task_id) references tasks,
  foreign key (tenant_id, campaign_id) references campaigns,
  foreign key (tenant_id, account_id) references accounts,
  constraint posts_once unique (tenant_id, effect_id)
);
call app.protect('posts', 'select, insert, update', 'tenant_id, id, remembered_at');
create index posts_unremembered on posts (published_at) where remembered_at is null;

create table budget_entries (
  tenant_id   uuid not null,
  id          uuid not null,
  campaign_id uuid not null,
  task_id     uuid not null,
  result_id   uuid not null,
  micros      bigint not null check (micros > 0),
  created_at  timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, campaign_id) references campaigns,
  foreign key (tenant_id, task_id) references tasks,
  foreign key (tenant_id, result_id) references results
);
call app.protect('budget_entries', 'select, insert');

create table dead_letters (
  tenant_id     uuid not null references tenants,
  id            uuid not null,
  queue         text not null check (queue in ('task', 'result', 'review')),
  message_id    text not null,
  task_id       text not null default '',
  reason        text not null,
  state         text not null default 'open' check (state in ('open', 'replayed', 'discarded')),
  raw           bytea not null,
  metadata      jsonb not null,
  closed_reason text not null default '',
  state_version bigint not null default 1,
  created_at    timestamptz not null default now(),
  primary key (tenant_id, id)
);
call app.protect('dead_letters', 'select, insert, update', 'tenant_id, id, state');
create index dead_letters_open on dead_letters (tenant_id, id desc) where state = 'open';

-- +goose Down
drop table dead_letters, budget_entries, posts, grants, effects, reviews, decisions, results, task_edges, plan_nodes,
  tasks, plans, campaign_accounts, campaigns;
