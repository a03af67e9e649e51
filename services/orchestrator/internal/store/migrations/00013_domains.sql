-- +goose Up
-- What a column may hold is its domain's, which is asked when the column is set. A table's own checks are read anew and asked
-- by every statement that changes any of its columns (decision 0089).
create domain app.task_kind as text check (value in ('read', 'draft', 'effect'));
create domain app.task_mode as text check (value in ('run', 'propose', 'execute'));
create domain app.task_state as text check (value in ('blocked', 'ready', 'queued', 'running', 'judging', 'awaiting_review',
  'succeeded', 'rejected', 'failed', 'unknown', 'expired', 'cancelled'));
create domain app.task_attempts as int check (value between 1 and 20);
create domain app.task_timeout_ms as int check (value between 1 and 600000);
create domain app.task_delay_ms as bigint check (value >= 0);
create domain app.campaign_state as text check (value in ('draft', 'running', 'paused', 'completed', 'cancelled', 'failed'));
create domain app.campaign_name as text check (length(value) between 1 and 120);
create domain app.campaign_goal as text check (length(value) between 1 and 2000);
create domain app.last_plan as int check (value >= 0);
create domain app.micros as bigint check (value >= 0);
create domain app.verdict as text check (value in ('approved', 'rejected', 'requires_human_review'));
create domain app.decider as text check (value in ('judge', 'human'));

alter table tasks
  drop constraint tasks_kind_check, drop constraint tasks_mode_check, drop constraint tasks_state_check,
  drop constraint tasks_max_attempts_check, drop constraint tasks_timeout_ms_check, drop constraint tasks_delay_ms_check,
  drop constraint tasks_check, drop constraint tasks_check1,
  alter column kind type app.task_kind, alter column mode type app.task_mode, alter column state type app.task_state,
  alter column max_attempts type app.task_attempts, alter column timeout_ms type app.task_timeout_ms, alter column delay_ms type app.task_delay_ms,
  add constraint tasks_mode_of_kind check ((kind = 'effect') = (mode <> 'run'));
alter table campaigns
  drop constraint campaigns_state_check, drop constraint campaigns_name_check, drop constraint campaigns_goal_check,
  drop constraint campaigns_plan_version_check, drop constraint campaigns_budget_micros_check, drop constraint campaigns_spent_micros_check,
  alter column state type app.campaign_state, alter column name type app.campaign_name, alter column goal type app.campaign_goal,
  alter column plan_version type app.last_plan, alter column budget_micros type app.micros, alter column spent_micros type app.micros;
alter table decisions
  drop constraint decisions_verdict_check, drop constraint decisions_decider_check,
  alter column verdict type app.verdict, alter column decider type app.decider;

-- +goose Down
alter table tasks
  drop constraint tasks_mode_of_kind,
  alter column kind type text, alter column mode type text, alter column state type text,
  alter column max_attempts type int, alter column timeout_ms type int, alter column delay_ms type bigint,
  add constraint tasks_kind_check check (kind in ('read', 'draft', 'effect')),
  add constraint tasks_mode_check check (mode in ('run', 'propose', 'execute')),
  add constraint tasks_state_check check (state in ('blocked', 'ready', 'queued', 'running', 'judging', 'awaiting_review',
    'succeeded', 'rejected', 'failed', 'unknown', 'expired', 'cancelled')),
  add constraint tasks_max_attempts_check check (max_attempts between 1 and 20),
  add constraint tasks_timeout_ms_check check (timeout_ms between 1 and 600000),
  add constraint tasks_delay_ms_check check (delay_ms >= 0),
  add constraint tasks_check check (kind = 'effect' or mode = 'run'),
  add constraint tasks_check1 check (kind <> 'effect' or mode <> 'run');
alter table campaigns
  alter column state type text, alter column name type text, alter column goal type text,
  alter column plan_version type int, alter column budget_micros type bigint, alter column spent_micros type bigint,
  add constraint campaigns_state_check check (state in ('draft', 'running', 'paused', 'completed', 'cancelled', 'failed')),
  add constraint campaigns_name_check check (length(name) between 1 and 120),
  add constraint campaigns_goal_check check (length(goal) between 1 and 2000),
  add constraint campaigns_plan_version_check check (plan_version >= 0),
  add constraint campaigns_budget_micros_check check (budget_micros >= 0),
  add constraint campaigns_spent_micros_check check (spent_micros >= 0);
alter table decisions
  alter column verdict type text, alter column decider type text,
  add constraint decisions_verdict_check check (verdict in ('approved', 'rejected', 'requires_human_review')),
  add constraint decisions_decider_check check (decider in ('judge', 'human'));
drop domain app.task_kind, app.task_mode, app.task_state, app.task_attempts, app.task_timeout_ms, app.task_delay_ms,
  app.campaign_state, app.campaign_name, app.campaign_goal, app.last_plan, app.micros, app.verdict, app.decider;
