package flow

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/memory"
	"chimera/services/orchestrator/internal/store"
)

// Rememberer brings published posts into semantic memory. Postgres says what is still owed, so a memory that was
// away gets it later; the path never waits for it (R9.3).
type Rememberer struct {
	Store  *store.Store
	Commit *commit.Committer
	Memory *memory.Memory
	Every  time.Duration
	Log    *slog.Logger
}

// Run remembers until ctx ends.
func (r *Rememberer) Run(ctx context.Context) error {
	ticker := time.NewTicker(r.Every)
	defer ticker.Stop()
	for {
		if ok, _ := r.Memory.Healthy(ctx); ok {
			if err := r.round(ctx); err != nil && ctx.Err() == nil {
				r.Log.WarnContext(ctx, "remembering is held up", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (r *Rememberer) round(ctx context.Context) error {
	tenants, err := r.Store.TenantsUnremembered(ctx, 100)
	if err != nil {
		return err
	}
	var all error
	for _, tenant := range tenants {
		// One tenant's trouble is not the others'.
		all = errors.Join(all, r.tenant(ctx, tenant))
	}
	return all
}

func (r *Rememberer) tenant(ctx context.Context, tenant tenancy.ID) error {
	sc := tenancy.Scope{Tenant: tenant, Actor: "system:remember"}
	var posts []store.Post
	if err := r.Store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) (err error) {
		posts, err = tx.PostsUnremembered(ctx, 100)
		return err
	}); err != nil {
		return err
	}
	for _, p := range posts {
		id, err := uuid.Parse(p.ID)
		if err != nil {
			return err
		}
		// Remember before the note: a crash between them remembers the same id again, which replaces it.
		if err := r.Memory.Remember(ctx, sc, memory.Item{ID: id, Text: p.Text, Kind: "post", Tainted: true, At: p.PublishedAt}); err != nil {
			return err
		}
		if err := r.Commit.Remembered(ctx, sc, p.ID); err != nil {
			return err
		}
	}
	return nil
}
