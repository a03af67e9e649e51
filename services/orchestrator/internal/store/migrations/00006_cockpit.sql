-- +goose Up
-- What the cockpit's pages ask for (decisions 0061 to 0063): the review queue by urgency, names, spending by day,
-- and times that people set.

-- As the identity provider named them at their last sign-in; it decides nothing.
alter table members add column name text not null default '' check (length(name) <= 120);
grant select (name) on members to chimera_system;

-- Risk and deadline in one order that does not change as time goes by: each step of risk counts as four hours.
-- Hours are the same in every time zone, so this is immutable although timestamptz arithmetic in general is not.
-- +goose StatementBegin
create function app.urgency(risk smallint, deadline timestamptz) returns timestamptz language sql immutable parallel safe
  as $$ select deadline - make_interval(hours => 4 * (risk - 1)) $$;
-- +goose StatementEnd
grant execute on function app.urgency(smallint, timestamptz) to chimera_app, chimera_system;

alter table reviews
  add column rule text not null default '',
  add column threshold text not null default '',
  add column value text not null default '',
  -- Touches a sensitive matter: never decided in bulk. What is from before this column is taken for it.
  add column sensitive boolean not null default true,
  add column snoozed_until timestamptz,
  add column urgent_at timestamptz not null generated always as (app.urgency(risk, deadline)) stored,
  add constraint reviews_snooze check (snoozed_until is null or snoozed_until <= deadline);
drop index reviews_queue;
create index reviews_queue on reviews (tenant_id, urgent_at, id) where state = 'open';
-- Counts of the open ones are read from the index alone.
create index reviews_counts on reviews (tenant_id, agent_id, risk, platform, deadline, snoozed_until, created_at) where state = 'open';
create index reviews_states on reviews (tenant_id, state, id desc);
create index reviews_campaign on reviews (tenant_id, campaign_id, decided_at desc);

-- The earliest moment a person set for a publication; null means as soon as it is approved.
alter table tasks add column planned_at timestamptz, add column started_at timestamptz;
create index tasks_planned on tasks (tenant_id, agent_id, account_id) where kind = 'effect'
  and state in ('blocked', 'ready', 'queued', 'running', 'judging', 'awaiting_review', 'unknown');

create index campaigns_running on campaigns (tenant_id, agent_id) where state in ('running', 'paused');
create index posts_published on posts (tenant_id, published_at desc);
create index posts_account on posts (tenant_id, account_id, published_at desc);
create index posts_campaign on posts (tenant_id, campaign_id, id desc);
create index effects_settled on effects (tenant_id, settled_at) include (state) where settled_at is not null;
create index effects_unclear on effects (tenant_id, account_id) where state in ('sending', 'unknown', 'parked');
-- The chain takes an entry for everything that happens: only people's are indexed by actor, and times by ranges.
create index audit_entries_person on audit_entries (tenant_id, actor, seq desc) where actor not like 'service:%' and actor not like 'system:%';
create index audit_entries_at on audit_entries using brin (tenant_id, at);

-- Costs by day (UTC), added to by the statement that books them, under the campaign's lock that it holds anyway:
-- thirty days are thirty rows for a campaign, however many its tasks.
create table spend_days (
  tenant_id   uuid not null,
  campaign_id uuid not null,
  day         date not null,
  agent_id    uuid not null,
  micros      bigint not null check (micros > 0),
  primary key (tenant_id, campaign_id, day),
  foreign key (tenant_id, campaign_id) references campaigns
);
call app.protect('spend_days', 'select, insert, update');
create index spend_days_day on spend_days (tenant_id, day);
-- +goose StatementBegin
create function app.spend_by_day() returns trigger language plpgsql as $$
begin
  insert into spend_days (tenant_id, campaign_id, day, agent_id, micros)
  select b.tenant_id, b.campaign_id, (b.created_at at time zone 'UTC')::date, c.agent_id, sum(b.micros)
  from made b join campaigns c on c.tenant_id = b.tenant_id and c.id = b.campaign_id group by 1, 2, 3, 4 order by 1, 2, 3
  on conflict (tenant_id, campaign_id, day) do update set micros = spend_days.micros + excluded.micros;
  return null;
end $$;
-- +goose StatementEnd
grant execute on function app.spend_by_day() to chimera_app;
alter table budget_entries no force row level security;
alter table spend_days no force row level security;
alter table campaigns no force row level security;
insert into spend_days (tenant_id, campaign_id, day, agent_id, micros)
  select b.tenant_id, b.campaign_id, (b.created_at at time zone 'UTC')::date, c.agent_id, sum(b.micros)
  from budget_entries b join campaigns c on c.tenant_id = b.tenant_id and c.id = b.campaign_id group by 1, 2, 3, 4;
alter table budget_entries force row level security;
alter table spend_days force row level security;
alter table campaigns force row level security;
create trigger spend_by_day after insert on budget_entries referencing new table as made for each statement execute function app.spend_by_day();

-- +goose Down
drop trigger spend_by_day on budget_entries;
drop function app.spend_by_day;
drop table spend_days;
drop index campaigns_running, posts_published, posts_account, posts_campaign, effects_settled, effects_unclear, audit_entries_person, audit_entries_at, tasks_planned;
alter table tasks drop column planned_at, drop column started_at;
drop index reviews_queue, reviews_counts, reviews_states, reviews_campaign;
alter table reviews drop constraint reviews_snooze, drop column urgent_at, drop column snoozed_until, drop column sensitive, drop column value, drop column threshold, drop column rule;
create index reviews_queue on reviews (tenant_id, risk desc, deadline, id) where state = 'open';
drop function app.urgency;
alter table members drop column name;
