drop table if exists tasks, audit;
create table tasks (
  tenant       uuid not null,
  id           uuid not null,
  plan         uuid not null,
  left_over    smallint not null,
  state        smallint not null default 1, -- 1 published, 2 succeeded
  version      bigint not null default 1,
  arguments    bytea not null,
  published_at timestamptz not null default now(),
  primary key (tenant, id)
);
create index on tasks (published_at) where state = 1;
create index on tasks (plan);
create table audit (
  seq    bigint generated always as identity primary key,
  tenant uuid not null,
  task   uuid not null,
  what   text not null,
  at     timestamptz not null default now()
);
