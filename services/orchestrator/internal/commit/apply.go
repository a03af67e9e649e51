package commit

import (
	"context"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// Verdict is a judge's decision as it came from the bus.
type Verdict struct {
	Scope    tenancy.Scope
	Decision *busv1.ReviewDecision
}

// ApplyDecision makes a judge's verdict state (R10.5), in a transaction of its own and by the same path as a person's: it
// touches effects, reviews, posts, plans or another attempt. What is done without any of these was committed with its
// result (decision 0079). It is idempotent: one kind of decider decides once on a result. Conflict STALE_VERSION when the
// task moved on since it was judged.
func (c *Committer) ApplyDecision(ctx context.Context, sc tenancy.Scope, d *busv1.ReviewDecision) error {
	if d.GetDecider() != busv1.DeciderKind_DECIDER_KIND_JUDGE {
		// A person's verdict comes through the API under their own name; on the bus it would be anybody's.
		return errs.New(errs.Denied, typev1.Reason_REASON_PERMISSION_DENIED, "a person's decision is taken by the review API only")
	}
	return c.write(ctx, sc, func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) { return c.apply(ctx, tx, d) })
}

// ApplyDecisions is ApplyDecision for each. A database that is away fails all that are left: each would wait as long.
func (c *Committer) ApplyDecisions(ctx context.Context, in []Verdict) []error {
	out := make([]error, len(in))
	for i, v := range in {
		if i > 0 && out[i-1] != nil && away(out[i-1]) {
			out[i] = out[i-1]
			continue
		}
		out[i] = c.ApplyDecision(ctx, v.Scope, v.Decision)
	}
	return out
}
