package store

import (
	"context"
	"encoding/json"
	"time"
)

// Agent runs one persona over its accounts. Persona is protojson of platform.v1.Persona, current version.
type Agent struct {
	ID             string          `db:"id"`
	Name           string          `db:"name"`
	PersonaVersion int32           `db:"persona_version"`
	Persona        json.RawMessage `db:"persona"`
	StateVersion   int64           `db:"state_version"`
	CreatedAt      time.Time       `db:"created_at"`
}

// PersonaVersion is one version of an agent's persona.
type PersonaVersion struct {
	Version   int32           `db:"version"`
	Persona   json.RawMessage `db:"persona"`
	CreatedBy string          `db:"created_by"`
	CreatedAt time.Time       `db:"created_at"`
}

const agentSelect = `select a.id, a.name, a.persona_version, p.persona, a.state_version, a.created_at
	from agents a join persona_versions p on p.tenant_id = a.tenant_id and p.agent_id = a.id and p.version = a.persona_version
	where a.tenant_id = $1`

// AgentInsert makes an agent with persona version 1.
func (t *Tx) AgentInsert(ctx context.Context, id, name string, persona json.RawMessage) error {
	if _, err := t.exec(ctx, "insert into agents (tenant_id, id, name, persona_version) values ($1, $2, $3, 1)", t.tenant(), id, name); err != nil {
		return err
	}
	return t.personaInsert(ctx, id, 1, persona)
}

func (t *Tx) personaInsert(ctx context.Context, agentID string, version int32, persona json.RawMessage) error {
	_, err := t.exec(ctx, "insert into persona_versions (tenant_id, agent_id, version, persona, created_by) values ($1, $2, $3, $4, $5)",
		t.tenant(), agentID, version, persona, t.scope.Actor)
	return err
}

// PersonaUpdate writes the next version if the agent is still at stateVersion.
func (t *Tx) PersonaUpdate(ctx context.Context, agentID string, stateVersion int64, persona json.RawMessage) (int32, error) {
	rows, err := column[int32](ctx, t, `update agents set persona_version = persona_version + 1, state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 returning persona_version`, t.tenant(), agentID, stateVersion)
	if err != nil {
		return 0, err
	}
	if len(rows) == 0 {
		return 0, errStale
	}
	return rows[0], t.personaInsert(ctx, agentID, rows[0], persona)
}

// AgentGet answers NOT_FOUND for another tenant's id as for no one's.
func (t *Tx) AgentGet(ctx context.Context, id string) (Agent, error) {
	return one[Agent](ctx, t, agentSelect+" and a.id = $2", t.tenant(), id)
}

// AgentList pages newest first; before is an id or "".
func (t *Tx) AgentList(ctx context.Context, before string, limit int) ([]Agent, error) {
	return many[Agent](ctx, t, agentSelect+" and ($2 = '' or a.id < nullif($2, '')::uuid) order by a.id desc limit $3", t.tenant(), before, limit)
}

// PersonaGet answers one version.
func (t *Tx) PersonaGet(ctx context.Context, agentID string, version int32) (PersonaVersion, error) {
	return one[PersonaVersion](ctx, t, "select version, persona, created_by, created_at from persona_versions where tenant_id = $1 and agent_id = $2 and version = $3", t.tenant(), agentID, version)
}

// PersonaList pages newest first below version before (0 = the end).
func (t *Tx) PersonaList(ctx context.Context, agentID string, before int32, limit int) ([]PersonaVersion, error) {
	return many[PersonaVersion](ctx, t, `select version, persona, created_by, created_at from persona_versions
		where tenant_id = $1 and agent_id = $2 and ($3 = 0 or version < $3) order by version desc limit $4`, t.tenant(), agentID, before, limit)
}

// Account is a platform account; its secret stays behind in the row.
type Account struct {
	ID           string    `db:"id"`
	AgentID      string    `db:"agent_id"`
	Platform     string    `db:"platform"`
	Handle       string    `db:"handle"`
	BaseURL      string    `db:"base_url"`
	Health       string    `db:"health"`
	StateVersion int64     `db:"state_version"`
	CreatedAt    time.Time `db:"created_at"`
}

const accountSelect = "select id, agent_id, platform, handle, base_url, health, state_version, created_at from accounts where tenant_id = $1"

// AccountInsert adds an account with its sealed secret.
func (t *Tx) AccountInsert(ctx context.Context, a Account, sealed []byte) error {
	_, err := t.exec(ctx, "insert into accounts (tenant_id, id, agent_id, platform, handle, base_url, sealed_secret) values ($1, $2, $3, $4, $5, $6, $7)",
		t.tenant(), a.ID, a.AgentID, a.Platform, a.Handle, a.BaseURL, sealed)
	return err
}

// AccountGet answers one account.
func (t *Tx) AccountGet(ctx context.Context, id string) (Account, error) {
	return one[Account](ctx, t, accountSelect+" and id = $2", t.tenant(), id)
}

// AccountList pages newest first, of one agent or all.
func (t *Tx) AccountList(ctx context.Context, agentID, before string, limit int) ([]Account, error) {
	return many[Account](ctx, t, accountSelect+` and ($2 = '' or agent_id = nullif($2, '')::uuid) and ($3 = '' or id < nullif($3, '')::uuid)
		order by id desc limit $4`, t.tenant(), agentID, before, limit)
}

// AccountSealed answers the sealed secret, for redemption and for running reads only.
func (t *Tx) AccountSealed(ctx context.Context, id string) ([]byte, error) {
	return scalar[[]byte](ctx, t, "select sealed_secret from accounts where tenant_id = $1 and id = $2", t.tenant(), id)
}

// AccountSecretUpdate seals a new secret and makes the account healthy.
func (t *Tx) AccountSecretUpdate(ctx context.Context, id string, stateVersion int64, sealed []byte) error {
	return t.must1(ctx, "update accounts set sealed_secret = $4, health = 'ok', state_version = state_version + 1 where tenant_id = $1 and id = $2 and state_version = $3",
		t.tenant(), id, stateVersion, sealed)
}

// AccountHealthUpdate names the version it read; 0 means any (the platform's own word outranks a reader's).
func (t *Tx) AccountHealthUpdate(ctx context.Context, id string, stateVersion int64, health string) error {
	return t.must1(ctx, "update accounts set health = $4, state_version = state_version + 1 where tenant_id = $1 and id = $2 and ($3 = 0 or state_version = $3)",
		t.tenant(), id, stateVersion, health)
}
