package main

import (
	"context"
	"slices"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/skillkit"
)

// Plan is the proposal: what would be published to the byte, how it will look, and what stands against it.
type Plan struct {
	Payload    Payload               `json:"payload"`
	Preview    Preview               `json:"preview"`
	Violations []platforms.Violation `json:"violations"`

	rules platforms.Rules
}

// Preview is for the person who decides.
type Preview struct {
	Text       string          `json:"text"`
	Facets     []bluesky.Facet `json:"facets"`
	Labels     []string        `json:"labels"`
	Length     int             `json:"length"`
	Limit      int             `json:"limit"`
	Disclosure string          `json:"disclosure"`
}

func (p *publisher) plan(ctx context.Context, c *skillkit.Call, in Post) (Plan, skillkit.Report, error) {
	report := skillkit.Report{Confidence: 1, Basis: "platform rules", Method: "publisher.plan/v1"}
	at, cred, rules, err := p.account(ctx, c, in.Platform, in.AccountID)
	if err != nil {
		return Plan{}, report, err
	}
	if rules, err = at.limits(ctx, cred, rules); err != nil {
		return Plan{}, report, err
	}
	payload := complete(in)
	broken := checkMedia(payload.Media)
	var sizes []int64
	if c.DryRun && len(broken) == 0 && len(payload.Media) <= rules.MaxImages {
		var found []platforms.Violation
		if sizes, found, err = p.images.inspect(ctx, payload.Media, rules.MaxImageBytes); err != nil {
			return Plan{}, report, err
		}
		broken = append(broken, found...)
	}
	payload = disclose(at.fit(payload), rules.Disclosure)
	plan := Plan{Payload: payload, rules: rules, Preview: Preview{
		Text: payload.Text, Facets: at.facets(payload.Text), Labels: payload.SelfLabels, Length: rules.Count(payload.Text), Limit: rules.Limit(), Disclosure: wording(payload, rules),
	}}
	if rules.CountContentWarning {
		plan.Preview.Length = rules.Count(payload.ContentWarning + payload.Text)
	}
	plan.Violations = slices.Concat([]platforms.Violation{}, broken, at.refuses(payload, rules), platforms.Violations(rules, payload.content(sizes)))
	if c.DryRun {
		return plan, report, nil
	}
	return plan, report, enforce(in, plan)
}

// enforce refuses to publish anything but what was granted, and anything that breaks a rule.
func enforce(in Post, plan Plan) error {
	if len(plan.Violations) > 0 {
		v := plan.Violations[0]
		return errs.New(errs.Invalid, typev1.Reason_REASON_LIMIT_EXCEEDED, v.Message).With("rule", v.Rule).With("threshold", v.Threshold).With("value", v.Value)
	}
	for _, m := range in.Media {
		if m.SHA256 == "" {
			return errs.New(errs.Denied, typev1.Reason_REASON_GRANT_MISMATCH, "an image is not bound by its hash; propose the post again")
		}
	}
	if !same(in, plan.Payload) {
		return errs.New(errs.Denied, typev1.Reason_REASON_POLICY_VIOLATION, "the granted post lacks its disclosure or a default; propose it again")
	}
	return nil
}

func wording(p Payload, r platforms.Rules) string {
	switch {
	case !p.Disclosure.AIGenerated:
		return "not AI-generated, by its author's word"
	case !r.Disclosure.Present(p.Text, p.SelfLabels):
		return "missing"
	case r.Disclosure.Field == platforms.FieldSelfLabel:
		return "self-label " + r.Disclosure.Label + " and a line in the text"
	}
	return "a line in the text"
}
