package api

import (
	"context"
	"strconv"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type agents struct{ *core }

func (s agents) CreateAgent(ctx context.Context, req *platformv1.CreateAgentRequest) (*platformv1.CreateAgentResponse, error) {
	idem, err := s.idempotency(ctx, req)
	if err != nil {
		return nil, err
	}
	row, err := s.Commit.CreateAgent(ctx, scope(ctx), idem, req.GetName(), req.GetPersona())
	if err != nil {
		return nil, err
	}
	agent, err := agentOf(row)
	return &platformv1.CreateAgentResponse{Agent: agent}, err
}

func (s agents) GetAgent(ctx context.Context, req *platformv1.GetAgentRequest) (*platformv1.GetAgentResponse, error) {
	resp := &platformv1.GetAgentResponse{}
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.AgentGet(ctx, req.GetAgentId())
		if err != nil {
			return err
		}
		if resp.Agent, err = agentOf(row); err != nil {
			return err
		}
		return withSummaries(ctx, tx, []*platformv1.Agent{resp.GetAgent()})
	})
	return resp, err
}

func (s agents) ListAgents(ctx context.Context, req *platformv1.ListAgentsRequest) (*platformv1.ListAgentsResponse, error) {
	filter := store.AgentFilter{Query: req.GetQuery(), Attention: req.GetAttention()}
	rows, next, err := page(ctx, s.core, req, func(a store.Agent) string { return a.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Agent, error) {
			return tx.AgentsMatching(ctx, filter, before, limit)
		})
	if err != nil {
		return nil, err
	}
	list, err := each(rows, agentOf)
	if err != nil {
		return nil, err
	}
	err = s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error { return withSummaries(ctx, tx, list) })
	return &platformv1.ListAgentsResponse{Agents: list, NextPageToken: next}, err
}

// withSummaries adds how the agents do, in two queries for all of them.
func withSummaries(ctx context.Context, tx *store.Tx, agents []*platformv1.Agent) error {
	ids := all(agents, func(a *platformv1.Agent) string { return a.GetId() })
	summaries, err := tx.AgentSummaries(ctx, ids)
	if err != nil {
		return err
	}
	accounts, err := tx.AccountsOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range agents {
		a.Summary = summaryOf(summaries[a.GetId()], accounts[a.GetId()])
	}
	return nil
}

func summaryOf(s store.AgentSummary, accounts []store.Account) *platformv1.AgentSummary {
	return &platformv1.AgentSummary{
		CampaignsRunning: s.CampaignsRunning, TasksRunning: s.TasksRunning, TasksTotal: s.TasksTotal, TasksDone: s.TasksDone,
		WaitingReviews: s.WaitingReviews, WaitingOldestAt: stampIf(s.WaitingOldest), UnknownEffects: s.UnknownEffects,
		SpentMicros_30D: s.SpentMicros, LastPostAt: stampIf(s.LastPostAt), LastPostId: textIf(s.LastPostID),
		Accounts: all(accounts, func(a store.Account) *platformv1.AgentAccount {
			return &platformv1.AgentAccount{Id: a.ID, Platform: a.Platform, Handle: a.Handle, Health: accountOf(a).GetHealth()}
		}),
	}
}

func (s agents) UpdatePersona(ctx context.Context, req *platformv1.UpdatePersonaRequest) (*platformv1.UpdatePersonaResponse, error) {
	row, err := s.Commit.UpdatePersona(ctx, scope(ctx), req.GetAgentId(), req.GetStateVersion(), req.GetPersona())
	if err != nil {
		return nil, err
	}
	agent, err := agentOf(row)
	return &platformv1.UpdatePersonaResponse{Agent: agent}, err
}

func (s agents) ListPersonaVersions(ctx context.Context, req *platformv1.ListPersonaVersionsRequest) (*platformv1.ListPersonaVersionsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(p store.PersonaVersion) string { return versionCursor(p.Version) },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.PersonaVersion, error) {
			if _, err := tx.AgentGet(ctx, req.GetAgentId()); err != nil {
				return nil, err
			}
			version, err := versionBefore(before)
			if err != nil {
				return nil, err
			}
			return tx.PersonaList(ctx, req.GetAgentId(), version, limit)
		})
	if err != nil {
		return nil, err
	}
	list, err := each(rows, personaVersionOf)
	return &platformv1.ListPersonaVersionsResponse{Versions: list, NextPageToken: next}, err
}

// Lists of versions page by number, newest first; 0 is the end.
func versionCursor(version int32) string { return strconv.Itoa(int(version)) }

func versionBefore(cursor string) (int32, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(cursor, 10, 32)
	if err != nil {
		return 0, errPageToken
	}
	return int32(n), nil
}
