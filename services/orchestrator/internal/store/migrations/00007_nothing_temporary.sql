-- +goose Up
-- A temporary table has no policies, stays with the pooled connection, and can stand in for one of ours by its name. Every
-- database gives the right to make them to everybody.
-- +goose StatementBegin
do $$ begin execute format('revoke temporary, create on database %I from public, chimera_app, chimera_system', current_database()); end $$;
-- +goose StatementEnd
