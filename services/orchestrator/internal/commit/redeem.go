package commit

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// Redeem consumes a grant: in one transaction the stop switches are read, the grant is used up, the effect moves
// to sending and the audit says so; only then the write credential is handed out. Everything is fail-closed:
// any doubt is Denied, Conflict or Unavailable, and nothing was changed.
func (c *Committer) Redeem(ctx context.Context, sc tenancy.Scope, req *internalv1.RedeemGrantRequest) (*internalv1.RedeemGrantResponse, error) {
	g, err := c.verifier.Open(req.GetGrant())
	if err != nil {
		return nil, c.violation(ctx, sc, "grant_forged", "task "+req.GetTaskId()+" came with a grant that we did not sign", err)
	}
	var out *internalv1.RedeemGrantResponse
	var breach string
	err = c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		breach, out = "", nil
		t, err := tx.TaskLock(ctx, req.GetTaskId())
		if err != nil {
			return nil, err
		}
		use := grant.Use{TenantID: string(sc.Tenant), TaskID: t.ID, AccountID: t.Account(), Tool: t.Tool, ToolDigest: req.GetToolDigest(), PayloadSHA256: req.GetPayloadSha256()}
		if _, err := c.verifier.Verify(req.GetGrant(), use, tx.Now()); err != nil {
			breach = "grant_misused"
			return nil, err
		}
		row, err := tx.GrantLock(ctx, g.GetId())
		if err != nil {
			return nil, err
		}
		if row.State != "issued" {
			breach = "grant_replayed"
			return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_CONSUMED, "this grant was used or revoked; it works once")
		}
		if err := runnable(ctx, tx, t, req.GetEpoch()); err != nil {
			return nil, err
		}
		credential, err := c.credential(ctx, tx, t, true)
		if err != nil {
			return nil, err
		}
		e, err := tx.EffectOfTask(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		if e.ID != g.GetEffectId() {
			breach = "grant_misused"
			return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_MISMATCH, "the grant is for another effect")
		}
		if err := tx.GrantRedeem(ctx, row.ID); err != nil {
			return nil, err
		}
		deadline, err := tx.EffectSending(ctx, e.ID, e.StateVersion, c.set.EffectCall)
		if err != nil {
			return nil, err
		}
		out = &internalv1.RedeemGrantResponse{Credential: credential, PlatformKey: e.PlatformKey, CallDeadline: timestamppb.New(deadline)}
		return []audit.Entry{entry("grant.redeemed", "grant", row.ID, map[string]any{"effect_id": e.ID, "task_id": t.ID, "approver": e.ApprovedBy, "payload_sha256": e.PayloadSHA256})}, nil
	})
	if breach != "" {
		return nil, c.violation(ctx, sc, breach, "task "+req.GetTaskId()+", grant "+g.GetId(), err)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// violation records the blocked attempt and answers the refusal, even if the record cannot be written.
func (c *Committer) violation(ctx context.Context, sc tenancy.Scope, kind, detail string, refusal error) error {
	if err := c.RecordSecurityEvent(ctx, sc, kind, detail); err != nil {
		c.log.ErrorContext(ctx, "security event could not be recorded", "kind", kind, "error", err)
	}
	return refusal
}

// runnable holds a call against its fence and the stop switches, inside the transaction that lets it act.
func runnable(ctx context.Context, tx *store.Tx, t store.Task, epoch int64) error {
	if t.State != "running" || t.Epoch != epoch || t.LeaseUntil == nil || !tx.Now().Before(*t.LeaseUntil) {
		return errs.New(errs.Conflict, typev1.Reason_REASON_STALE_EPOCH, "the task is not running under this attempt any more")
	}
	camp, err := tx.CampaignGet(ctx, t.CampaignID)
	if err != nil {
		return err
	}
	if camp.State == "cancelled" {
		return errs.New(errs.Denied, typev1.Reason_REASON_CANCELLED, "the campaign was cancelled")
	}
	stopped, err := tx.Stopped(ctx, t.AgentID, t.Account(), t.CampaignID)
	if err != nil {
		return err
	}
	if stopped {
		return errs.New(errs.Unavailable, typev1.Reason_REASON_STOPPED, "a stop switch is on; nothing may act until it is released")
	}
	return nil
}

// Credential answers the account of a task that is running now under this epoch. While it proposes, the secret
// stays behind: a dry-run needs none.
func (c *Committer) Credential(ctx context.Context, sc tenancy.Scope, req *internalv1.GetCredentialRequest) (*internalv1.GetCredentialResponse, error) {
	var out *internalv1.Credential
	err := c.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		t, err := tx.TaskGet(ctx, req.GetTaskId())
		if err != nil {
			return err
		}
		if t.Account() != req.GetAccountId() {
			return errs.New(errs.Denied, typev1.Reason_REASON_PERMISSION_DENIED, "the task does not act for this account")
		}
		if err := runnable(ctx, tx, t, req.GetEpoch()); err != nil {
			return err
		}
		out, err = c.credential(ctx, tx, t, t.Mode == "run")
		return err
	})
	return &internalv1.GetCredentialResponse{Credential: out}, err
}

func (c *Committer) credential(ctx context.Context, tx *store.Tx, t store.Task, withSecret bool) (*internalv1.Credential, error) {
	a, err := tx.AccountGet(ctx, t.Account())
	if err != nil {
		return nil, err
	}
	switch a.Health {
	case "disabled":
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_STOPPED, "the account is disabled")
	case "credential_dead":
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_CREDENTIAL_DEAD, "the platform refused the account's secret; replace it")
	}
	out := &internalv1.Credential{AccountId: a.ID, Platform: a.Platform, Handle: a.Handle, BaseUrl: a.BaseURL}
	if !withSecret {
		return out, nil
	}
	sealed, err := tx.AccountSealed(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	plain, err := c.vault.Open(tx.Scope().Tenant, a.ID, sealed)
	if err != nil {
		return nil, err
	}
	out.Secret = plain.Reveal()
	return out, nil
}

// RunningTask answers the task if it runs under this epoch: the fence for what else a worker may ask.
func (c *Committer) RunningTask(ctx context.Context, sc tenancy.Scope, taskID string, epoch int64) (store.Task, error) {
	var out store.Task
	err := c.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		t, err := tx.TaskGet(ctx, taskID)
		if err != nil {
			return err
		}
		out = t
		return runnable(ctx, tx, t, epoch)
	})
	return out, err
}
