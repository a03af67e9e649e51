-- +goose Up
-- Folding the case of an excerpt costs more than all the rest of a search in the queue: it is done once, when the
-- item is made.
alter table reviews add column sought text not null generated always as (lower(excerpt)) stored;

-- +goose Down
alter table reviews drop column sought;
