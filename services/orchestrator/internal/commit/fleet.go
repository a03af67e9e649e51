package commit

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// CreateAgent makes an agent with persona version 1.
func (c *Committer) CreateAgent(ctx context.Context, sc tenancy.Scope, idem Idempotency, name string, persona *platformv1.Persona) (store.Agent, error) {
	body, err := personaJSON(persona)
	if err != nil {
		return store.Agent{}, err
	}
	return once(ctx, c, sc, idem, agentGet, func(ctx context.Context, tx *store.Tx) (string, []audit.Entry, error) {
		id := newID()
		return id, []audit.Entry{entry("agent.created", "agent", id, map[string]any{"name": name, "persona": body})}, tx.AgentInsert(ctx, id, name, body)
	})
}

func agentGet(ctx context.Context, tx *store.Tx, id string) (store.Agent, error) {
	return tx.AgentGet(ctx, id)
}

func personaJSON(p *platformv1.Persona) (json.RawMessage, error) {
	body, err := protojson.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("persona: %w", err)
	}
	return body, nil
}

// UpdatePersona writes the next persona version; running plans keep the one they started with.
func (c *Committer) UpdatePersona(ctx context.Context, sc tenancy.Scope, agentID string, stateVersion int64, persona *platformv1.Persona) (store.Agent, error) {
	body, err := personaJSON(persona)
	if err != nil {
		return store.Agent{}, err
	}
	var out store.Agent
	err = c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if _, err := tx.AgentGet(ctx, agentID); err != nil {
			return nil, err
		}
		version, err := tx.PersonaUpdate(ctx, agentID, stateVersion, body)
		if err != nil {
			return nil, err
		}
		out, err = tx.AgentGet(ctx, agentID)
		return []audit.Entry{entry("persona.updated", "agent", agentID, map[string]any{"version": version, "persona": body})}, err
	})
	return out, err
}

// ConnectAccount adds an account and seals its secret; the secret is nowhere in the entry, the row or the answer.
func (c *Committer) ConnectAccount(ctx context.Context, sc tenancy.Scope, idem Idempotency, a store.Account, plain string) (store.Account, error) {
	if _, known := platforms.Get(a.Platform); !known {
		return store.Account{}, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "platform %q is not known here", a.Platform)
	}
	return once(ctx, c, sc, idem, accountGet, func(ctx context.Context, tx *store.Tx) (string, []audit.Entry, error) {
		if _, err := tx.AgentGet(ctx, a.AgentID); err != nil {
			return "", nil, err
		}
		a.ID = newID()
		sealed, err := c.vault.Seal(sc.Tenant, a.ID, plain)
		if err != nil {
			return "", nil, err
		}
		detail := map[string]any{"agent_id": a.AgentID, "platform": a.Platform, "handle": a.Handle, "base_url": a.BaseURL}
		return a.ID, []audit.Entry{entry("account.connected", "account", a.ID, detail)}, tx.AccountInsert(ctx, a, sealed)
	})
}

func accountGet(ctx context.Context, tx *store.Tx, id string) (store.Account, error) {
	return tx.AccountGet(ctx, id)
}

// ReplaceSecret seals a new secret and marks the account healthy.
func (c *Committer) ReplaceSecret(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, plain string) (store.Account, error) {
	sealed, err := c.vault.Seal(sc.Tenant, id, plain)
	if err != nil {
		return store.Account{}, err
	}
	return c.changeAccount(ctx, sc, id, entry("account.secret_replaced", "account", id, nil), func(ctx context.Context, tx *store.Tx) error {
		return tx.AccountSecretUpdate(ctx, id, stateVersion, sealed)
	})
}

// SetAccountDisabled takes an account out of use, or back.
func (c *Committer) SetAccountDisabled(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, disabled bool) (store.Account, error) {
	health, action := "ok", "account.enabled"
	if disabled {
		health, action = "disabled", "account.disabled"
	}
	return c.changeAccount(ctx, sc, id, entry(action, "account", id, nil), func(ctx context.Context, tx *store.Tx) error {
		return tx.AccountHealthUpdate(ctx, id, stateVersion, health)
	})
}

func (c *Committer) changeAccount(ctx context.Context, sc tenancy.Scope, id string, e audit.Entry, change func(ctx context.Context, tx *store.Tx) error) (store.Account, error) {
	var out store.Account
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if _, err := tx.AccountGet(ctx, id); err != nil {
			return nil, err
		}
		if err := change(ctx, tx); err != nil {
			return nil, err
		}
		var err error
		out, err = tx.AccountGet(ctx, id)
		return []audit.Entry{e}, err
	})
	return out, err
}
