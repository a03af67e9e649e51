-- +goose Up
-- Two checks that cost more than the rows they are for, and hold by other means: a chain's entries are written only
-- with its head, whose tenant is checked, and a count's change only by a trigger on tasks, whose plan is (decision 0052).
-- Each check locked the tenant's row, the one row that all of a tenant's transactions would share.
alter table audit_entries drop constraint audit_entries_tenant_id_fkey;
alter table task_count_changes drop constraint task_count_changes_tenant_id_fkey;

-- +goose Down
alter table audit_entries add foreign key (tenant_id) references tenants;
alter table task_count_changes add foreign key (tenant_id) references tenants;
