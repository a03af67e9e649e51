package commit

import (
	"context"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// AcceptTool pins the digest an admin read, if it is still what the workers see. Tasks held back for the change go
// on with it; an approved effect asks again, because its grant is bound to the tool that the approval saw.
func (c *Committer) AcceptTool(ctx context.Context, sc tenancy.Scope, name, digest, rationale string) (store.Tool, error) {
	var out store.Tool
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		before, err := tx.ToolGet(ctx, name)
		if err != nil {
			return nil, err
		}
		if before.Digest != digest {
			return nil, stale()
		}
		if err := tx.ToolPin(ctx, name, digest, sc.Actor); err != nil {
			return nil, err
		}
		held, err := tx.RepinReady(ctx, name, digest)
		if err != nil {
			return nil, err
		}
		for _, t := range held {
			if err := repin(ctx, tx, t, digest); err != nil {
				return nil, err
			}
		}
		out, err = tx.ToolGet(ctx, name)
		return []audit.Entry{entry("tool.accepted", "tool", name, map[string]any{"digest": digest, "former": before.PinnedDigest, "rationale": rationale, "tasks": len(held)})}, err
	})
	return out, err
}

func repin(ctx context.Context, tx *store.Tx, t store.Task, digest string) error {
	mode := t.Mode
	if mode == "execute" {
		e, err := tx.EffectOfTask(ctx, t.ID)
		if err != nil {
			return err
		}
		if e.State != "prepared" {
			return nil // it is settled under the digest it was sent with
		}
		if err := tx.GrantsRevoke(ctx, t.ID); err != nil {
			return err
		}
		if err := tx.EffectDiscard(ctx, e.ID, e.StateVersion); err != nil {
			return err
		}
		mode = "propose"
	}
	s, err := bound(t, mode, t.Arguments, digest, t.Tainted)
	if err != nil {
		return err
	}
	if err := tx.TaskBind(ctx, t.ID, s); err != nil {
		return err
	}
	return tx.TaskMove(ctx, t.ID, t.StateVersion, store.TaskChange{State: "ready"})
}

// KeepDeadLetter keeps a message that could not be handled; the same one twice is one letter.
func (c *Committer) KeepDeadLetter(ctx context.Context, sc tenancy.Scope, d store.DeadLetter) error {
	return c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		return []audit.Entry{entry("dead_letter.kept", "dead_letter", d.ID, map[string]any{"queue": d.Queue, "reason": d.Reason, "task_id": d.TaskID})}, tx.DeadLetterInsert(ctx, d)
	})
}

// CloseDeadLetter ends an open letter once; state is "replayed" or "discarded".
func (c *Committer) CloseDeadLetter(ctx context.Context, sc tenancy.Scope, id string, stateVersion int64, state, reason string) (store.DeadLetter, error) {
	var out store.DeadLetter
	err := c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		if _, err := tx.DeadLetterGet(ctx, id); err != nil {
			return nil, err
		}
		if err := tx.DeadLetterClose(ctx, id, stateVersion, state, reason); err != nil {
			return nil, err
		}
		var err error
		out, err = tx.DeadLetterGet(ctx, id)
		return []audit.Entry{entry("dead_letter."+state, "dead_letter", id, map[string]any{"reason": reason})}, err
	})
	return out, err
}

// Remembered notes that semantic memory holds a post.
func (c *Committer) Remembered(ctx context.Context, sc tenancy.Scope, postID string) error {
	return c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		return nil, tx.PostRemembered(ctx, postID)
	})
}
