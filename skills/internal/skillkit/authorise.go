package skillkit

import (
	"context"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
)

// authorise verifies the grant of an effect that is to be executed: signature, window, and that it is for
// these very bytes, this tool as it is now, this account, task and tenant (R10.5). All of it is measured
// here, nothing is taken from the grant. Reads and dry runs pass.
func (s *Server) authorise(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		if inv.entry.kind == kindRead || inv.call.DryRun {
			return next(ctx, inv)
		}
		use, err := s.use(inv)
		if err != nil {
			return err
		}
		g, err := s.verifier.Verify(inv.grant, use, s.now())
		if err != nil {
			s.violation(ctx, inv, err)
			return err
		}
		inv.grantID = g.GetId()
		return next(ctx, inv)
	}
}

func (s *Server) use(inv *invocation) (grant.Use, error) {
	sum, err := grant.PayloadSHA256(inv.args)
	if err != nil {
		return grant.Use{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the arguments cannot be hashed")
	}
	return grant.Use{
		TenantID: inv.call.TenantID, TaskID: inv.call.TaskID, AccountID: inv.call.AccountID,
		Tool: s.name + "." + inv.entry.Name, ToolDigest: inv.entry.digest, PayloadSHA256: sum,
	}, nil
}

// redeem consumes the grant at the orchestrator; its answer is the only source of a Permit.
func (s *Server) redeem(ctx context.Context, inv *invocation) (Permit, error) {
	use, err := s.use(inv)
	if err != nil {
		return Permit{}, err
	}
	permit, err := s.control.redeem(ctx, inv.call, inv.grant, use)
	if err != nil {
		if refusesGrant(err) {
			s.violation(ctx, inv, err)
		}
		return Permit{}, err
	}
	return permit, nil
}

func refusesGrant(err error) bool {
	switch errs.ReasonOf(err) {
	case typev1.Reason_REASON_GRANT_REQUIRED, typev1.Reason_REASON_GRANT_INVALID, typev1.Reason_REASON_GRANT_EXPIRED,
		typev1.Reason_REASON_GRANT_CONSUMED, typev1.Reason_REASON_GRANT_MISMATCH:
		return true
	}
	return false
}

// violation records an attempt at an effect without the right to it: in the log always, at the
// orchestrator if it can be reached. It never changes the answer.
func (s *Server) violation(ctx context.Context, inv *invocation, err error) {
	violations.WithLabelValues(s.name, inv.entry.Name).Inc()
	s.log.WarnContext(ctx, "security violation", "tool", s.name+"."+inv.entry.Name, "reason", errs.ReasonOf(err).String())
	s.control.report(ctx, inv.call, s.name+"."+inv.entry.Name, errs.As(err).Public)
}
