package skillkit

import (
	"context"
	"log/slog"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	typev1 "chimera/gen/go/chimera/type/v1"
	kitcontrol "chimera/services/kit/control"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/kit/secret"
)

const (
	controlTimeout = 5 * time.Second
	// longestCall bounds an effect's call whatever deadline the orchestrator names.
	longestCall = 10 * time.Minute
)

// control is what a skill asks of the orchestrator. Without a URL every question is answered "away": an
// effect can then be planned and never executed.
type control struct {
	client internalv1connect.SkillServiceClient
	log    *slog.Logger
}

func newControl(cfg Config, log *slog.Logger) (*control, error) {
	if cfg.OrchestratorURL == "" {
		return &control{log: log}, nil
	}
	id := kitcontrol.Identity{Issuer: cfg.Issuer, ClientID: cfg.ClientID, Secret: cfg.ClientSecret.Reveal()}
	client, err := kitcontrol.Skill(id.HTTPClient(16), cfg.OrchestratorURL)
	if err != nil {
		return nil, err
	}
	return &control{client: client, log: log}, nil
}

func (c *control) away() error {
	if c.client == nil {
		return errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "this skill has no orchestrator configured")
	}
	return nil
}

func (c *control) redeem(ctx context.Context, call *Call, sg *busv1.SignedGrant, use grant.Use) (Permit, error) {
	if err := c.away(); err != nil {
		return Permit{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	res, err := c.client.RedeemGrant(ctx, &internalv1.RedeemGrantRequest{
		TenantId: call.TenantID, TaskId: call.TaskID, Epoch: call.Epoch, Grant: sg,
		PayloadSha256: use.PayloadSHA256, ToolDigest: use.ToolDigest,
	})
	if err != nil {
		return Permit{}, kitcontrol.Error(err)
	}
	p := Permit{PlatformKey: res.GetPlatformKey(), Deadline: res.GetCallDeadline().AsTime(), Credential: credentialOf(res.GetCredential()), Call: call}
	if p.PlatformKey == "" || res.GetCallDeadline() == nil || p.Credential.AccountID != call.AccountID {
		return Permit{}, errs.New(errs.Internal, typev1.Reason_REASON_INTERNAL, "the orchestrator's permit is incomplete")
	}
	if limit := time.Now().Add(longestCall); p.Deadline.After(limit) {
		p.Deadline = limit
	}
	return p, nil
}

func (c *control) credential(ctx context.Context, call *Call) (Credential, error) {
	if call.AccountID == "" {
		return Credential{}, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "this call names no account")
	}
	if err := c.away(); err != nil {
		return Credential{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	res, err := c.client.GetCredential(ctx, &internalv1.GetCredentialRequest{
		TenantId: call.TenantID, TaskId: call.TaskID, Epoch: call.Epoch, AccountId: call.AccountID,
	})
	if err != nil {
		return Credential{}, kitcontrol.Error(err)
	}
	return credentialOf(res.GetCredential()), nil
}

func credentialOf(c *internalv1.Credential) Credential {
	return Credential{AccountID: c.GetAccountId(), Platform: c.GetPlatform(), Handle: c.GetHandle(), BaseURL: c.GetBaseUrl(), Secret: secret.New(c.GetSecret())}
}

// report outlives its call: a caller that hangs up must not keep its attempt off the record.
func (c *control) report(ctx context.Context, call *Call, tool, detail string) {
	if c.client == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), controlTimeout)
	defer cancel()
	_, err := c.client.ReportViolation(ctx, &internalv1.ReportViolationRequest{
		TenantId: call.TenantID, TaskId: call.TaskID, Tool: tool, Detail: clip(detail, 900),
	})
	if err != nil {
		c.log.ErrorContext(ctx, "violation could not be reported", "tool", tool, "error", err)
	}
}
