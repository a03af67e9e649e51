-- +goose Up
-- When the last call under a switch had ended (decision 0067), and the press's own transaction: until those that began
-- before it are over, one that did not see the switch may still start a call. Null in both for switches of before.
alter table stops add column quiet_at timestamptz;
alter table stops add column pressed_xid xid8;
alter table stops alter column pressed_xid set default pg_current_xact_id();
grant select (released_at, quiet_at, pressed_xid) on stops to chimera_system;
create index stops_ending on stops (tenant_id) where released_at is null and quiet_at is null and pressed_xid is not null;
-- The attempt whose call has ended while its result cannot be told: the bus is away. No reset: a claim counts on.
alter table tasks add column ended_epoch bigint;

-- +goose Down
alter table tasks drop column ended_epoch;
drop index stops_ending;
alter table stops drop column pressed_xid;
alter table stops drop column quiet_at;
