-- +goose Up
-- What no call may count row by row is counted as it changes (decision 0052), and every index that a task's
-- transitions do not need is gone: a task changes state five times, and each time pays for all of them.

create table task_counts (
  tenant_id uuid not null references tenants,
  state     text not null,
  n         bigint not null,
  primary key (tenant_id, state)
);
call app.protect('task_counts', 'select, insert, update', 'tenant_id, state, n');

-- Added to by every statement that moves tasks, folded into task_counts by the reconciler. Appending locks nothing
-- that another transaction waits for: a counter that is updated in place would be every writer's last lock, and by
-- a trigger not even the last.
create table task_count_changes (
  tenant_id uuid not null references tenants,
  state     text not null,
  n         bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
call app.protect('task_count_changes', 'select, insert, delete', 'tenant_id, state, n');
create index task_count_changes_tenant on task_count_changes (tenant_id);

-- +goose StatementBegin
create function app.count_new_tasks() returns trigger language plpgsql as $$
begin
  insert into task_count_changes (tenant_id, state, n) select tenant_id, state, count(*) from made group by tenant_id, state;
  return null;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function app.count_moved_tasks() returns trigger language plpgsql as $$
begin
  insert into task_count_changes (tenant_id, state, n)
  select tenant_id, state, sum(n) from (
    select tenant_id, state, 1 as n from made union all select tenant_id, state, -1 from gone) moved
  group by tenant_id, state having sum(n) <> 0;
  return null;
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
create function app.count_lost_tasks() returns trigger language plpgsql as $$
begin
  insert into task_count_changes (tenant_id, state, n) select tenant_id, state, -count(*) from gone group by tenant_id, state;
  return null;
end $$;
-- +goose StatementEnd
grant execute on function app.count_new_tasks(), app.count_moved_tasks(), app.count_lost_tasks() to chimera_app;

-- The owner has no policy of its own: for this one statement, and within its transaction, force is lifted.
alter table tasks no force row level security;
alter table task_counts no force row level security;
insert into task_counts (tenant_id, state, n) select tenant_id, state, count(*) from tasks group by tenant_id, state;
alter table tasks force row level security;
alter table task_counts force row level security;
create trigger count_new after insert on tasks referencing new table as made for each statement execute function app.count_new_tasks();
create trigger count_moved after update on tasks referencing old table as gone new table as made for each statement execute function app.count_moved_tasks();
create trigger count_lost after delete on tasks referencing old table as gone for each statement execute function app.count_lost_tasks();

-- The primary key serves lists by id as well; one index by campaign and state serves what three did.
drop index tasks_list, tasks_campaign, tasks_blocked, tasks_ready, tasks_in_flight;
create index tasks_campaign on tasks (tenant_id, campaign_id, state);
-- Also tells each tenant's oldest in one step, and the tenants that have any by skipping from one to the next.
create index tasks_ready on tasks (tenant_id, not_before) where state = 'ready';

-- +goose Down
drop trigger count_new on tasks;
drop trigger count_moved on tasks;
drop trigger count_lost on tasks;
drop function app.count_new_tasks, app.count_moved_tasks, app.count_lost_tasks;
drop table task_count_changes, task_counts;
drop index tasks_campaign, tasks_ready;
create index tasks_list on tasks (tenant_id, id desc);
create index tasks_campaign on tasks (tenant_id, campaign_id);
create index tasks_blocked on tasks (tenant_id, campaign_id) where state = 'blocked';
create index tasks_in_flight on tasks (tenant_id, state) where state in ('queued', 'running');
create index tasks_ready on tasks (not_before, tenant_id) where state = 'ready';
