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
	var row store.Agent
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = tx.AgentGet(ctx, req.GetAgentId())
		return err
	})
	if err != nil {
		return nil, err
	}
	agent, err := agentOf(row)
	return &platformv1.GetAgentResponse{Agent: agent}, err
}

func (s agents) ListAgents(ctx context.Context, req *platformv1.ListAgentsRequest) (*platformv1.ListAgentsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(a store.Agent) string { return a.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Agent, error) {
			return tx.AgentList(ctx, before, limit)
		})
	if err != nil {
		return nil, err
	}
	list, err := each(rows, agentOf)
	return &platformv1.ListAgentsResponse{Agents: list, NextPageToken: next}, err
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
