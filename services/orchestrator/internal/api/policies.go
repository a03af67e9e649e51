package api

import (
	"context"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

type policies struct{ *core }

func (s policies) GetPolicy(ctx context.Context, _ *platformv1.GetPolicyRequest) (*platformv1.GetPolicyResponse, error) {
	var row store.Policy
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = tx.PolicyCurrent(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(row)
	return &platformv1.GetPolicyResponse{Policy: policy}, err
}

func (s policies) UpdatePolicy(ctx context.Context, req *platformv1.UpdatePolicyRequest) (*platformv1.UpdatePolicyResponse, error) {
	row, err := s.Commit.UpdatePolicy(ctx, scope(ctx), req.GetBaseVersion(), req.GetPolicy())
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(row)
	return &platformv1.UpdatePolicyResponse{Policy: policy}, err
}
