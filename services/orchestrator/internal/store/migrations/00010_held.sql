-- +goose Up
-- When a task began to wait for a skill that is away (decision 0069); null while it does not.
alter table tasks add column held_since timestamptz;

-- +goose Down
alter table tasks drop column held_since;
