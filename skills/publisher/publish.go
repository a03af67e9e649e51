package main

import (
	"context"
	"errors"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/platformhttp"
	"chimera/skills/internal/skillkit"
)

// apply publishes what was planned. The order matters: first what an earlier try may have done, then the
// images against their hashes, then the one call that readers see.
func (p *publisher) apply(ctx context.Context, permit skillkit.Permit, in Post, plan Plan) (Published, skillkit.Report, error) {
	report := skillkit.Report{Confidence: 1, Basis: "the platform's answer", Method: "publisher.publish/v1"}
	at, err := p.permitted(permit, in.Platform, in.AccountID)
	if err != nil {
		return Published{}, report, skillkit.NotDone(err)
	}
	before, err := at.prior(ctx, permit, plan.Payload)
	switch {
	case err != nil && permit.Call.Attempt > 1:
		// An earlier try may have published: not being able to look is not knowing.
		return Published{}, report, platformhttp.Unknown(err)
	case err != nil:
		return Published{}, report, certain(err)
	case before.Outcome == found:
		return before.published(permit.PlatformKey), report, nil
	case before.Outcome == uncertain:
		return Published{}, report, platformhttp.Unknown(errors.New(before.Why))
	}
	images, err := p.images.fetchAll(ctx, plan.Payload.Media, plan.rules.MaxImageBytes)
	if err != nil {
		return Published{}, report, certain(err)
	}
	out, err := at.publish(ctx, permit, plan.Payload, images)
	return out, report, certain(err)
}

// permitted holds the permit's account against the arguments, so that one account's grant cannot post as another.
func (p *publisher) permitted(permit skillkit.Permit, platform, accountID string) (site, error) {
	at, ok := p.sites[platform]
	if !ok || permit.Credential.Platform != platform || permit.Credential.AccountID != accountID {
		return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_MISMATCH, "the grant is for another account")
	}
	return at, nil
}

// certain marks an error as without effect when its kind says so. An error that is not typed stays unknown.
func certain(err error) error {
	var e *errs.Error
	if errors.As(err, &e) && e.Kind != errs.Unknown && e.Kind != errs.Internal {
		return skillkit.NotDone(err)
	}
	return err
}
