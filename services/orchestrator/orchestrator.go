// Package orchestrator is the control plane: it owns all state, decides over every result, and signs the grants
// without which nothing reaches the outside world. It never executes a skill (R3.1, R6.2).
//
// The path in this folder: internal/planner → commit → dispatch → [bus] → flow → judge → [bus] → flow → commit.
package orchestrator

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/boot"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/authn"
	"chimera/services/orchestrator/internal/changes"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/dispatch"
	"chimera/services/orchestrator/internal/flow"
	"chimera/services/orchestrator/internal/memory"
	"chimera/services/orchestrator/internal/store"
	"chimera/services/orchestrator/internal/vault"
)

// Run serves until ctx ends, and is the service's only wiring. Errors: Invalid for a wrong configuration;
// it refuses to serve when a lock is missing (row-level security, eviction policy).
func Run(ctx context.Context, cfg Config, log *slog.Logger) error {
	shutdown, err := boot.Telemetry(ctx, "orchestrator")
	if err != nil {
		return err
	}
	defer func() { _ = shutdown(context.WithoutCancel(ctx)) }()

	st, err := cfg.openStore(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := cfg.publicKeys()
	if err != nil {
		return err
	}
	cm, err := cfg.committer(st, log)
	if err != nil {
		return err
	}
	b, err := bus.Open(ctx, cfg.Bus, log)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	mem := memory.Open(ctx, cfg.Memory, log)
	fl := flow.New(st, cm, b, flow.NewMetrics(prometheus.DefaultRegisterer), log)
	router, err := bus.NewRouter(b, bus.RouterConfig{})
	if err != nil {
		return err
	}
	fl.Register(router, cfg.Concurrency)
	prometheus.MustRegister(b.DepthCollector(), newQueueCollector(st, log))

	deps, err := cfg.apiDeps(st, cm, fl, mem, b, keys, log)
	if err != nil {
		return err
	}
	board := changes.NewBoard(changes.Carrier{Publish: b.PublishHints, Subscribe: b.SubscribeHints}, log)
	cm.Tell(board.Note)
	deps.Changes = board
	people, err := api.PlatformHandler(deps)
	if err != nil {
		return err
	}
	services, err := api.InternalHandler(deps)
	if err != nil {
		return err
	}
	ready := func(ctx context.Context) error { return st.Ping(ctx) } // Redis away is degraded, not unready: the API serves on
	dispatcher := &dispatch.Dispatcher{Store: st, Commit: cm, Bus: b, Window: cfg.TenantWindow, Out: cm.Dispatch(cfg.TenantWindow), Every: cfg.DispatchEvery, Log: log}
	reconciler := &dispatch.Reconciler{
		Store: st, Commit: cm, Flow: fl, Bus: b, Every: cfg.SweepEvery,
		Overdue: store.Overdue{Queued: cfg.QueuedOverdue, Judging: cfg.JudgingOverdue}, Log: log,
	}
	checkpointer := &dispatch.Checkpointer{Store: st, Commit: cm, Dir: cfg.CheckpointDir, Every: 5 * cfg.SweepEvery, Log: log}
	rememberer := &flow.Rememberer{Store: st, Commit: cm, Memory: mem, Every: cfg.SweepEvery, Log: log}

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return boot.Serve(ctx, log, cfg.Addr, people) })
	g.Go(func() error { return boot.Serve(ctx, log, cfg.InternalAddr, services) })
	g.Go(func() error { return boot.Serve(ctx, log, cfg.OpsAddr, boot.Ops(ready)) })
	g.Go(func() error { return router.Run(ctx) })
	g.Go(func() error { return board.Run(ctx) })
	g.Go(func() error { return dispatcher.Run(ctx) })
	g.Go(func() error { return reconciler.Run(ctx) })
	g.Go(func() error { return (&dispatch.Quieter{Store: st, Commit: cm, Log: log}).Run(ctx) })
	g.Go(func() error { return checkpointer.Run(ctx) })
	g.Go(func() error { return rememberer.Run(ctx) })
	return g.Wait()
}

func (c Config) openStore(ctx context.Context) (*store.Store, error) {
	return store.Open(ctx, store.Options{AppURL: c.DatabaseURL.Reveal(), SystemURL: c.SystemDatabaseURL.Reveal(), MaxConns: c.DatabaseConns, ReadConns: c.DatabaseReadConns})
}

func (c Config) committer(st *store.Store, log *slog.Logger) (*commit.Committer, error) {
	signer, err := c.signer()
	if err != nil {
		return nil, err
	}
	keys, err := c.publicKeys()
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(c.VaultIdentityFile)
	if err != nil {
		return nil, err
	}
	return commit.New(st, signer, slices.Collect(maps.Values(keys)), v, commit.Settings{
		Lease: c.Lease, EffectCall: c.EffectCall, GrantTTL: c.GrantTTL, Quiet: c.Quiet,
		MaxLookups: c.MaxLookups, ReviewHold: c.ReviewHold,
	}, log)
}

func (c Config) apiDeps(st *store.Store, cm *commit.Committer, fl *flow.Flow, mem *memory.Memory, b *bus.Bus, keys map[string]ed25519.PublicKey, log *slog.Logger) (api.Deps, error) {
	key, err := readKey(c.PageKeyFile)
	if err != nil {
		return api.Deps{}, err
	}
	verifier, err := authn.New(authn.Config{Issuer: c.Issuer, Audience: c.Audience, People: c.PeopleClients, Workers: c.WorkerClients, Skills: c.SkillClients})
	if err != nil {
		return api.Deps{}, fmt.Errorf("identity: %w", err)
	}
	return api.Deps{
		Store: st, Commit: cm, Verifier: verifier, TokenKey: key, AuditKeys: keys,
		Health: health(st, b, mem), Replay: fl.Replay, Recall: recall(mem), Log: log,
	}, nil
}

func recall(mem *memory.Memory) func(context.Context, tenancy.Scope, string, int) ([]*internalv1.Memory, string, error) {
	return func(ctx context.Context, sc tenancy.Scope, query string, limit int) ([]*internalv1.Memory, string, error) {
		items, degraded, err := mem.Recall(ctx, sc, query, limit)
		out := make([]*internalv1.Memory, 0, len(items))
		for _, i := range items {
			out = append(out, &internalv1.Memory{Id: i.ID.String(), Text: i.Text, Kind: i.Kind, Score: i.Score, Tainted: i.Tainted})
		}
		return out, degraded, err
	}
}
