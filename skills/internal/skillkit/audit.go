package skillkit

import (
	"cmp"
	"context"
	"log/slog"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/toolmeta"
)

// The statuses of a call: refused means the chain said no before the tool's own code ran.
const (
	statusOK       = "ok"
	statusError    = "error"
	statusRefused  = "refused"
	statusProtocol = "protocol_error"
)

// refusals are the reasons with which the chain itself says no.
var refusals = map[string]bool{
	typev1.Reason_REASON_TENANT_REQUIRED.String(): true, typev1.Reason_REASON_RATE_LIMITED.String(): true,
	typev1.Reason_REASON_GRANT_REQUIRED.String(): true, typev1.Reason_REASON_GRANT_INVALID.String(): true,
	typev1.Reason_REASON_GRANT_EXPIRED.String(): true, typev1.Reason_REASON_GRANT_CONSUMED.String(): true,
	typev1.Reason_REASON_GRANT_MISMATCH.String(): true, typev1.Reason_REASON_STOPPED.String(): true,
	typev1.Reason_REASON_QUEUE_FULL.String(): true,
}

// status classifies a finished call for log, metrics and trace.
func (inv *invocation) status(err error) (status, reason string) {
	switch {
	case err != nil || inv.result == nil:
		return statusProtocol, "protocol"
	case !inv.result.IsError:
		return statusOK, ""
	}
	e, ok := inv.result.Meta[toolmeta.ErrorKey].(toolmeta.Error)
	switch {
	case !ok:
		return statusError, "tool"
	case refusals[e.Reason]:
		return statusRefused, e.Reason
	}
	return statusError, e.Reason
}

// audit writes one line per call, whatever became of it (R8.3), and counts it.
func (s *Server) audit(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		err := next(ctx, inv)
		status, reason := inv.status(err)
		took := s.now().Sub(inv.started)
		tool := "unknown"
		if inv.entry != nil {
			tool = inv.entry.Name
		}
		observe(s.name, tool, status, took)
		if reason == typev1.Reason_REASON_RATE_LIMITED.String() {
			limited.WithLabelValues(s.name, tool).Inc()
		}
		level := slog.LevelInfo
		if status != statusOK {
			level = slog.LevelWarn
		}
		if !s.log.Enabled(ctx, level) {
			// Reading the parameters once more for a line that nobody gets is a good part of the chain's own cost.
			return err
		}
		attrs := []slog.Attr{
			slog.String("tool", s.name+"."+clip(inv.req.Params.Name, 80)), slog.String("status", status),
			slog.Time("started_at", inv.started), slog.Int64("duration_ms", took.Milliseconds()),
			slog.Bool("dry_run", inv.call.DryRun), slog.Int("attempt", inv.call.Attempt),
			slog.String("account_id", inv.call.AccountID), slog.String("parameters", redact(inv.req.Params.Arguments)),
		}
		if reason != "" {
			attrs = append(attrs, slog.String("reason", reason))
		}
		if inv.outcome != "" {
			attrs = append(attrs, slog.String("outcome", string(inv.outcome)), slog.String("grant_id", inv.grantID))
		}
		if status != statusOK {
			// With the causes that the caller is not told.
			if e := cmp.Or(err, inv.cause); e != nil {
				attrs = append(attrs, slog.String("error", clip(e.Error(), 1000)))
			}
		}
		s.log.LogAttrs(withIDs(ctx, inv.call), level, "tool call", attrs...)
		return err
	}
}
