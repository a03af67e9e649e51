-- +goose Up
-- Which plan versions a task belongs to is two numbers of its row (decision 0075), where it was a row for each version:
-- from plan_version to last_plan_version; null while the current plan has it, 0 for look-ups, which are of no plan.
alter table tasks add column last_plan_version int;

-- The owner has no policy of its own: for this transaction force is lifted.
alter table tasks no force row level security;
alter table plan_nodes no force row level security;
alter table campaigns no force row level security;
update tasks t set last_plan_version = case when t.resolves_effect is not null then 0 else coalesce((
    select max(n.version) from plan_nodes n where n.tenant_id = t.tenant_id and n.task_id = t.id and n.campaign_id = t.campaign_id and n.node = t.node), 0) end
  from campaigns c where c.tenant_id = t.tenant_id and c.id = t.campaign_id and not (t.resolves_effect is null and exists (
    select from plan_nodes n where n.tenant_id = t.tenant_id and n.campaign_id = t.campaign_id and n.version = c.plan_version and n.node = t.node and n.task_id = t.id));
alter table tasks force row level security;
alter table campaigns force row level security;
alter table tasks
  add constraint tasks_of_versions check (last_plan_version = 0 or last_plan_version >= plan_version),
  add constraint tasks_lookup_of_none check (resolves_effect is null or last_plan_version is not distinct from 0);
drop table plan_nodes;

-- Counts of a current plan by state are read from the index alone.
drop index tasks_campaign;
create index tasks_campaign on tasks (tenant_id, campaign_id, state, last_plan_version);

-- +goose Down
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
alter table tasks no force row level security;
alter table plans no force row level security;
insert into plan_nodes (tenant_id, campaign_id, version, node, task_id)
  select t.tenant_id, t.campaign_id, p.version, t.node, t.id from tasks t
  join plans p on p.tenant_id = t.tenant_id and p.campaign_id = t.campaign_id and p.version >= t.plan_version and (t.last_plan_version is null or p.version <= t.last_plan_version);
set constraints all immediate;
alter table tasks force row level security;
alter table plans force row level security;
call app.protect('plan_nodes', 'select, insert');
drop index tasks_campaign;
alter table tasks drop constraint tasks_of_versions, drop constraint tasks_lookup_of_none, drop column last_plan_version;
create index tasks_campaign on tasks (tenant_id, campaign_id, state);
