package api

import (
	"context"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/orchestrator/internal/store"
)

type skills struct{ *core }

func (s skills) RedeemGrant(ctx context.Context, req *internalv1.RedeemGrantRequest) (*internalv1.RedeemGrantResponse, error) {
	return s.Commit.Redeem(ctx, serviceScope(ctx, req.GetTenantId()), req)
}

func (s skills) GetCredential(ctx context.Context, req *internalv1.GetCredentialRequest) (*internalv1.GetCredentialResponse, error) {
	return s.Commit.Credential(ctx, serviceScope(ctx, req.GetTenantId()), req)
}

// ReportViolation keeps what a skill refused where the tenant's admins see it (R10.5). The task must be the
// tenant's: a skill cannot write into a tenant it has no work of.
func (s skills) ReportViolation(ctx context.Context, req *internalv1.ReportViolationRequest) (*internalv1.ReportViolationResponse, error) {
	sc := serviceScope(ctx, req.GetTenantId())
	err := s.Store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.TaskGet(ctx, req.GetTaskId())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &internalv1.ReportViolationResponse{}, s.Commit.RecordSecurityEvent(ctx, sc, "tool_refused", req.GetTool()+" for task "+req.GetTaskId()+": "+req.GetDetail())
}
