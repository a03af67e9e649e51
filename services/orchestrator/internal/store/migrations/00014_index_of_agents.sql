-- +goose Up
-- An index that begins with the tenant offers itself wherever a campaign is looked up by tenant and id, and costs no more
-- than the key's to a planner that believes the tenant has few (decision 0094). An agent's id is one tenant's only.
drop index campaigns_agent;
create index campaigns_agent on campaigns (agent_id);

-- +goose Down
drop index campaigns_agent;
create index campaigns_agent on campaigns (tenant_id, agent_id);
