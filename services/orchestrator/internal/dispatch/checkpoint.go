package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// Checkpointer signs the tenants' audit heads and keeps the signatures outside the database, where its roles
// cannot reach them: a cut or rewritten chain then shows.
type Checkpointer struct {
	Store  *store.Store
	Commit *commit.Committer
	// Dir gets one append-only file per tenant; empty keeps checkpoints in the database only.
	Dir   string
	Every time.Duration
	Log   *slog.Logger
}

// Run signs until ctx ends.
func (c *Checkpointer) Run(ctx context.Context) error {
	return every(ctx, c.Every, func() {
		tenants, err := c.Store.TenantsUncheckpointed(ctx, tenantsPerRound)
		if err != nil {
			c.Log.WarnContext(ctx, "checkpoints are held up", "error", err)
			return
		}
		for _, tenant := range tenants {
			if err := c.sign(ctx, tenant); err != nil && ctx.Err() == nil {
				c.Log.WarnContext(ctx, "a checkpoint failed; the next one tries again", "tenant_id", tenant, "error", err)
			}
		}
	})
}

func (c *Checkpointer) sign(ctx context.Context, tenant tenancy.ID) error {
	point, err := c.Commit.Checkpoint(ctx, tenancy.Scope{Tenant: tenant, Actor: "system:checkpoint"})
	if err != nil || point == nil || c.Dir == "" {
		return err
	}
	line, err := json.Marshal(point)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(CheckpointFile(c.Dir, string(tenant)), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	// One write of one line: replicas append to the same file.
	if _, err := f.Write(append(line, '\n')); err != nil {
		_ = f.Close()
		return fmt.Errorf("checkpoint file: %w", err)
	}
	return f.Close()
}

// CheckpointFile is where a tenant's signed heads are kept, one JSON object a line.
func CheckpointFile(dir, tenant string) string { return filepath.Join(dir, tenant+".jsonl") }

// ReadCheckpoints reads a tenant's file; none is no error. A torn last line, from a crash, is passed over.
func ReadCheckpoints(dir, tenant string) ([]audit.Checkpoint, error) {
	f, err := os.Open(CheckpointFile(dir, tenant))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint file: %w", err)
	}
	defer func() { _ = f.Close() }()
	var points []audit.Checkpoint
	for dec := json.NewDecoder(f); dec.More(); {
		var p audit.Checkpoint
		if err := dec.Decode(&p); err != nil {
			return points, nil
		}
		points = append(points, p)
	}
	return points, nil
}
