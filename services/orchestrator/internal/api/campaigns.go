package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

type campaigns struct{ *core }

func (s campaigns) CreateCampaign(ctx context.Context, req *platformv1.CreateCampaignRequest) (*platformv1.CreateCampaignResponse, error) {
	idem, err := s.idempotency(ctx, req)
	if err != nil {
		return nil, err
	}
	row := store.Campaign{AgentID: req.GetAgentId(), Name: req.GetName(), Goal: req.GetGoal(), Playbook: req.GetPlaybook()}
	create := s.Commit.CreateCampaign
	if req.GetStart() {
		create = s.Commit.CreateRunning
	}
	made, err := create(ctx, scope(ctx), idem, row, req.GetParameters(), req.GetAccountIds())
	if err != nil {
		return nil, err
	}
	campaign, err := campaignKnown(made)
	return &platformv1.CreateCampaignResponse{Campaign: campaign}, err
}

func (s campaigns) GetCampaign(ctx context.Context, req *platformv1.GetCampaignRequest) (*platformv1.GetCampaignResponse, error) {
	var campaign *platformv1.Campaign
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.CampaignGet(ctx, req.GetCampaignId())
		if err != nil {
			return err
		}
		campaign, err = campaignWhole(ctx, tx, row)
		return err
	})
	return &platformv1.GetCampaignResponse{Campaign: campaign}, err
}

func (s campaigns) ListCampaigns(ctx context.Context, req *platformv1.ListCampaignsRequest) (*platformv1.ListCampaignsResponse, error) {
	filter := store.CampaignFilter{AgentID: req.GetAgentId(), Query: req.GetQuery()}
	for _, state := range append(req.GetStates(), req.GetState()) {
		if word := wordOf(state, "CAMPAIGN_STATE_"); word != "" {
			filter.States = append(filter.States, word)
		}
	}
	var accounts map[string][]string
	var progress map[string]map[string]int32
	rows, next, err := page(ctx, s.core, req, func(c store.Campaign) string { return c.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Campaign, error) {
			if err := exists(ctx, req.GetAgentId(), tx.AgentGet); err != nil {
				return nil, err
			}
			rows, err := tx.CampaignList(ctx, filter, before, limit)
			if err != nil {
				return nil, err
			}
			ids := all(rows, func(c store.Campaign) string { return c.ID })
			if accounts, err = tx.AccountIDsOf(ctx, ids); err != nil {
				return nil, err
			}
			progress, err = tx.CampaignsProgress(ctx, ids)
			return rows, err
		})
	if err != nil {
		return nil, err
	}
	list, err := each(rows, func(c store.Campaign) (*platformv1.Campaign, error) {
		return campaignOf(c, accounts[c.ID], progress[c.ID])
	})
	return &platformv1.ListCampaignsResponse{Campaigns: list, NextPageToken: next}, err
}

func (s campaigns) StartCampaign(ctx context.Context, req *platformv1.StartCampaignRequest) (*platformv1.StartCampaignResponse, error) {
	started, err := s.Commit.StartCampaign(ctx, scope(ctx), req.GetCampaignId(), req.GetStateVersion())
	if err != nil {
		return nil, err
	}
	campaign, err := campaignKnown(started)
	return &platformv1.StartCampaignResponse{Campaign: campaign}, err
}

func (s campaigns) PauseCampaign(ctx context.Context, req *platformv1.PauseCampaignRequest) (*platformv1.PauseCampaignResponse, error) {
	row, err := s.Commit.PauseCampaign(ctx, scope(ctx), req.GetCampaignId(), req.GetStateVersion(), req.GetReason())
	campaign, err := s.answer(ctx, row, err)
	return &platformv1.PauseCampaignResponse{Campaign: campaign}, err
}

func (s campaigns) ResumeCampaign(ctx context.Context, req *platformv1.ResumeCampaignRequest) (*platformv1.ResumeCampaignResponse, error) {
	row, err := s.Commit.ResumeCampaign(ctx, scope(ctx), req.GetCampaignId(), req.GetStateVersion(), req.GetReason())
	campaign, err := s.answer(ctx, row, err)
	return &platformv1.ResumeCampaignResponse{Campaign: campaign}, err
}

func (s campaigns) CancelCampaign(ctx context.Context, req *platformv1.CancelCampaignRequest) (*platformv1.CancelCampaignResponse, error) {
	row, err := s.Commit.CancelCampaign(ctx, scope(ctx), req.GetCampaignId(), req.GetStateVersion(), req.GetReason())
	campaign, err := s.answer(ctx, row, err)
	return &platformv1.CancelCampaignResponse{Campaign: campaign}, err
}

func (s campaigns) ListPlaybooks(context.Context, *platformv1.ListPlaybooksRequest) (*platformv1.ListPlaybooksResponse, error) {
	return &platformv1.ListPlaybooksResponse{Playbooks: all(planner.Playbooks(), func(p planner.Playbook) *platformv1.Playbook {
		return &platformv1.Playbook{Name: p.Name, Title: p.Title, Description: p.Description, Nodes: p.Nodes}
	})}, nil
}

// campaignKnown answers what the transaction knew: nothing is read again.
func campaignKnown(w commit.Whole) (*platformv1.Campaign, error) {
	campaign, err := campaignOf(w.Campaign, w.AccountIDs, w.Progress)
	campaign.AgentName = w.AgentName
	return campaign, err
}

// answer adds to a committed row what lies in other tables.
func (s campaigns) answer(ctx context.Context, row store.Campaign, err error) (*platformv1.Campaign, error) {
	if err != nil {
		return nil, err
	}
	var campaign *platformv1.Campaign
	err = s.Store.ReadByKey(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) (err error) {
		campaign, err = campaignWhole(ctx, tx, row)
		return err
	})
	return campaign, err
}

func campaignWhole(ctx context.Context, tx *store.Tx, row store.Campaign) (*platformv1.Campaign, error) {
	accounts, err := tx.CampaignAccounts(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	progress, err := tx.CampaignsProgress(ctx, []string{row.ID})
	if err != nil {
		return nil, err
	}
	return campaignOf(row, all(accounts, func(a store.Account) string { return a.ID }), progress[row.ID])
}
