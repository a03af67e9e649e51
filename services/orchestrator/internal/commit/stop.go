package commit

import (
	"context"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// PressStop halts a scope: nothing of it is dispatched or redeemed, running calls are cancelled by heartbeat.
// Pressing one that is on answers Conflict ALREADY_EXISTS: it is on.
func (c *Committer) PressStop(ctx context.Context, sc tenancy.Scope, scope, scopeID, reason string) (store.Stop, error) {
	if scope == "tenant" {
		scopeID = string(sc.Tenant)
	}
	var out store.Stop
	id := newID()
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if err := scopeExists(ctx, tx, scope, scopeID); err != nil {
			return nil, err
		}
		if err := tx.StopInsert(ctx, id, scope, scopeID, reason); err != nil {
			return nil, err
		}
		var err error
		out, err = tx.StopGet(ctx, id)
		return []audit.Entry{entry("stop.pressed", "stop", id, map[string]any{"scope": scope, "scope_id": scopeID, "reason": reason})}, err
	})
	return out, err
}

func scopeExists(ctx context.Context, tx *store.Tx, scope, id string) error {
	var err error
	switch scope {
	case "tenant":
	case "agent":
		_, err = tx.AgentGet(ctx, id)
	case "account":
		_, err = tx.AccountGet(ctx, id)
	case "campaign":
		_, err = tx.CampaignGet(ctx, id)
	default:
		err = errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "a stop's scope is tenant, agent, account or campaign")
	}
	return err
}

// ReleaseStop lets the scope go on.
func (c *Committer) ReleaseStop(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, reason string) (store.Stop, error) {
	var out store.Stop
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if _, err := tx.StopGet(ctx, id); err != nil {
			return nil, err
		}
		if err := tx.StopRelease(ctx, id, stateVersion); err != nil {
			return nil, err
		}
		var err error
		out, err = tx.StopGet(ctx, id)
		return []audit.Entry{entry("stop.released", "stop", id, map[string]any{"reason": reason})}, err
	})
	return out, err
}

// NoteQuiet records for each of the tenant's switches the moment from which no call under it was running (R10.5). It is
// asked again until then; a switch that is released before never has one.
func (c *Committer) NoteQuiet(ctx context.Context, sc tenancy.Scope) error {
	var quiet []store.Quieted
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) (entries []audit.Entry, err error) {
		quiet, err = tx.StopsQuiet(ctx)
		for _, s := range quiet {
			entries = append(entries, entry("stop.quiet", "stop", s.ID, map[string]any{"after_ms": s.QuietAt.Sub(s.PressedAt).Milliseconds()}))
		}
		return entries, err
	})
	if err != nil {
		return err
	}
	for _, s := range quiet {
		stopQuietSeconds.WithLabelValues(s.Scope).Observe(s.QuietAt.Sub(s.PressedAt).Seconds())
		c.log.InfoContext(ctx, "a stop switch has taken its full effect", "tenant_id", sc.Tenant, "stop_id", s.ID, "after_ms", s.QuietAt.Sub(s.PressedAt).Milliseconds())
	}
	return nil
}
