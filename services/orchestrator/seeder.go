package orchestrator

import (
	"context"
	"fmt"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// seeder brings in one tenant's objects.
type seeder struct {
	store  *store.Store
	commit *commit.Committer
	scope  tenancy.Scope
}

func (s *seeder) tenant(ctx context.Context, t seedTenant, exists bool) error {
	id, err := tenancy.ParseID(t.ID)
	if err != nil {
		return badSeed(err, err.Error())
	}
	s.scope = tenancy.Scope{Tenant: id, Actor: "system:seed", RequestID: "seed-" + t.Slug}
	if !exists {
		members := make([]store.Member, 0, len(t.Members))
		for _, m := range t.Members {
			members = append(members, store.Member{Subject: m.Subject, Email: m.Email, Role: m.Role, Name: m.Name})
		}
		if err := s.commit.CreateTenant(ctx, s.scope, t.Slug, t.Name, members); err != nil {
			return err
		}
	}
	for _, a := range t.Agents {
		if err := s.agent(ctx, a); err != nil {
			return fmt.Errorf("agent %s: %w", a.Name, err)
		}
	}
	return nil
}

func (s *seeder) agent(ctx context.Context, a seedAgent) error {
	agents, err := listed(ctx, s, func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Agent, error) {
		return tx.AgentList(ctx, before, limit)
	}, func(a store.Agent) string { return a.ID })
	if err != nil {
		return err
	}
	id := ""
	for _, have := range agents {
		if have.Name == a.Name {
			id = have.ID
		}
	}
	if id == "" {
		var persona platformv1.Persona
		if err := parse(a.Persona, &persona, "the persona"); err != nil {
			return err
		}
		made, err := s.commit.CreateAgent(ctx, s.scope, commit.Idempotency{}, a.Name, &persona)
		if err != nil {
			return err
		}
		id = made.ID
	}
	accounts, err := s.accounts(ctx, id, a.Accounts)
	if err != nil {
		return err
	}
	return s.campaigns(ctx, id, a.Campaigns, accounts)
}

// accounts connects the missing ones and answers the ids of all of the agent's by handle.
func (s *seeder) accounts(ctx context.Context, agentID string, wanted []seedAccount) (map[string][]string, error) {
	all, err := listed(ctx, s, func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Account, error) {
		return tx.AccountList(ctx, agentID, before, limit)
	}, func(a store.Account) string { return a.ID })
	if err != nil {
		return nil, err
	}
	have := map[[3]string]bool{}
	for _, a := range all {
		have[[3]string{a.Platform, a.BaseURL, a.Handle}] = true
	}
	for _, w := range wanted {
		if have[[3]string{w.Platform, w.BaseURL, w.Handle}] {
			continue
		}
		a, err := s.commit.ConnectAccount(ctx, s.scope, commit.Idempotency{}, store.Account{AgentID: agentID, Platform: w.Platform, Handle: w.Handle, BaseURL: w.BaseURL}, w.Secret.Reveal())
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", w.Handle, err)
		}
		all = append(all, a)
	}
	byHandle := map[string][]string{}
	for _, a := range all {
		byHandle[a.Handle] = append(byHandle[a.Handle], a.ID)
	}
	return byHandle, nil
}

func (s *seeder) campaigns(ctx context.Context, agentID string, wanted []seedCampaign, accounts map[string][]string) error {
	all, err := listed(ctx, s, func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Campaign, error) {
		return tx.CampaignList(ctx, store.CampaignFilter{AgentID: agentID}, before, limit)
	}, func(c store.Campaign) string { return c.ID })
	if err != nil {
		return err
	}
	have := make(map[string]bool, len(all))
	for _, c := range all {
		have[c.Name] = true
	}
	for _, w := range wanted {
		if have[w.Name] {
			continue
		}
		var parameters platformv1.CampaignParameters
		if err := parse(w.Parameters, &parameters, "the parameters of campaign "+w.Name); err != nil {
			return err
		}
		var ids []string
		for _, handle := range w.Accounts {
			if len(accounts[handle]) == 0 {
				return badSeed(nil, "campaign "+w.Name+" names the account "+handle+", which the agent does not have")
			}
			ids = append(ids, accounts[handle]...)
		}
		create := s.commit.CreateCampaign
		if w.Start {
			create = s.commit.CreateRunning
		}
		if _, err := create(ctx, s.scope, commit.Idempotency{}, store.Campaign{AgentID: agentID, Name: w.Name, Goal: w.Goal, Playbook: w.Playbook}, &parameters, ids); err != nil {
			return fmt.Errorf("campaign %s: %w", w.Name, err)
		}
	}
	return nil
}

// listed reads all pages of one kind of object, in a transaction a page.
func listed[T any](ctx context.Context, s *seeder, page func(ctx context.Context, tx *store.Tx, before string, limit int) ([]T, error), id func(T) string) ([]T, error) {
	const size = 200
	var all []T
	for before := ""; ; before = id(all[len(all)-1]) {
		var next []T
		err := s.store.Read(ctx, s.scope, func(ctx context.Context, tx *store.Tx) error {
			var err error
			next, err = page(ctx, tx, before, size)
			return err
		})
		all = append(all, next...)
		if err != nil || len(next) < size {
			return all, err
		}
	}
}
