package main

import (
	"context"

	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/skills/internal/platformhttp"
	"chimera/skills/internal/skillkit"
)

// RemovalPlan shows the post that would be deleted, as it is now.
type RemovalPlan struct {
	Payload    Target                `json:"payload"`
	Preview    Seen                  `json:"preview"`
	Violations []platforms.Violation `json:"violations"`
}

// Removed confirms that the post is gone.
type Removed struct {
	URI      string `json:"uri,omitempty"`
	RemoteID string `json:"remote_id,omitempty"`
	Deleted  bool   `json:"deleted"`
}

func (p *publisher) planRemoval(ctx context.Context, c *skillkit.Call, in Target) (RemovalPlan, skillkit.Report, error) {
	report := skillkit.Report{Confidence: 1, Basis: "read back from the platform", Method: "publisher.delete/v1"}
	plan := RemovalPlan{Payload: in, Violations: []platforms.Violation{}}
	ref, err := in.ref()
	if err != nil {
		return plan, report, err
	}
	at, cred, _, err := p.account(ctx, c, in.Platform, in.AccountID)
	if err != nil || !c.DryRun {
		return plan, report, err
	}
	plan.Preview, err = at.read(ctx, cred, ref)
	if err == nil && !plan.Preview.Found {
		plan.Violations = append(plan.Violations, platforms.Violation{Rule: "exists", Threshold: "a live post", Value: "none", Message: "the post is gone already; there is nothing to delete"})
	}
	return plan, report, err
}

func (p *publisher) remove(ctx context.Context, permit skillkit.Permit, in Target, _ RemovalPlan) (Removed, skillkit.Report, error) {
	report := skillkit.Report{Confidence: 1, Basis: "the platform's answer", Method: "publisher.delete/v1"}
	out := Removed{URI: in.URI, RemoteID: in.RemoteID, Deleted: true}
	at, err := p.permitted(permit, in.Platform, in.AccountID)
	if err != nil {
		return Removed{}, report, skillkit.NotDone(err)
	}
	ref, err := in.ref()
	if err != nil {
		return Removed{}, report, skillkit.NotDone(err)
	}
	if err = at.remove(ctx, permit.Credential, ref); err == nil {
		return out, report, nil
	}
	if kindOf(err) == errs.Unknown && ctx.Err() == nil {
		// Reading is proof here: a post that is gone was deleted.
		if seen, readErr := at.read(ctx, permit.Credential, ref); readErr == nil && !seen.Found {
			return out, report, nil
		}
	}
	if permit.Call.Attempt > 1 && kindOf(err) != errs.Unknown {
		return Removed{}, report, platformhttp.Unknown(err)
	}
	return Removed{}, report, certain(err)
}
