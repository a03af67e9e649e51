package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type accounts struct{ *core }

func (s accounts) ConnectAccount(ctx context.Context, req *platformv1.ConnectAccountRequest) (*platformv1.ConnectAccountResponse, error) {
	idem, err := s.idempotency(ctx, req)
	if err != nil {
		return nil, err
	}
	row, err := s.Commit.ConnectAccount(ctx, scope(ctx), idem, store.Account{AgentID: req.GetAgentId(), Platform: req.GetPlatform(), Handle: req.GetHandle(), BaseURL: req.GetBaseUrl()}, req.GetSecret())
	if err != nil {
		return nil, err
	}
	return &platformv1.ConnectAccountResponse{Account: accountOf(row)}, nil
}

func (s accounts) GetAccount(ctx context.Context, req *platformv1.GetAccountRequest) (*platformv1.GetAccountResponse, error) {
	var row store.Account
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = tx.AccountGet(ctx, req.GetAccountId())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &platformv1.GetAccountResponse{Account: accountOf(row)}, nil
}

func (s accounts) ListAccounts(ctx context.Context, req *platformv1.ListAccountsRequest) (*platformv1.ListAccountsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(a store.Account) string { return a.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.Account, error) {
			if err := exists(ctx, req.GetAgentId(), tx.AgentGet); err != nil {
				return nil, err
			}
			return tx.AccountList(ctx, req.GetAgentId(), before, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListAccountsResponse{Accounts: all(rows, accountOf), NextPageToken: next}, nil
}

func (s accounts) ReplaceSecret(ctx context.Context, req *platformv1.ReplaceSecretRequest) (*platformv1.ReplaceSecretResponse, error) {
	row, err := s.Commit.ReplaceSecret(ctx, scope(ctx), req.GetAccountId(), req.GetStateVersion(), req.GetSecret())
	if err != nil {
		return nil, err
	}
	return &platformv1.ReplaceSecretResponse{Account: accountOf(row)}, nil
}

func (s accounts) SetAccountDisabled(ctx context.Context, req *platformv1.SetAccountDisabledRequest) (*platformv1.SetAccountDisabledResponse, error) {
	row, err := s.Commit.SetAccountDisabled(ctx, scope(ctx), req.GetAccountId(), req.GetStateVersion(), req.GetDisabled())
	if err != nil {
		return nil, err
	}
	return &platformv1.SetAccountDisabledResponse{Account: accountOf(row)}, nil
}
