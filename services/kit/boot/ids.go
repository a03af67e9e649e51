package boot

import (
	"context"
	"log/slog"
)

// IDs lead from a log line to the work it belongs to. Empty ones are left out.
type IDs struct{ Tenant, Campaign, Agent, Task, Request string }

type idsKey struct{}

// WithIDs adds ids to those that ctx already carries; an empty id keeps what was there.
func WithIDs(ctx context.Context, ids IDs) context.Context {
	had := IDsFrom(ctx)
	return context.WithValue(ctx, idsKey{}, IDs{
		Tenant:   orDefault(ids.Tenant, had.Tenant),
		Campaign: orDefault(ids.Campaign, had.Campaign),
		Agent:    orDefault(ids.Agent, had.Agent),
		Task:     orDefault(ids.Task, had.Task),
		Request:  orDefault(ids.Request, had.Request),
	})
}

// IDsFrom returns the ids that ctx carries.
func IDsFrom(ctx context.Context) IDs {
	ids, _ := ctx.Value(idsKey{}).(IDs)
	return ids
}

func (ids IDs) attrs() []slog.Attr {
	var out []slog.Attr
	for _, a := range []slog.Attr{
		slog.String("tenant_id", ids.Tenant), slog.String("campaign_id", ids.Campaign), slog.String("agent_id", ids.Agent),
		slog.String("task_id", ids.Task), slog.String("request_id", ids.Request),
	} {
		if a.Value.String() != "" {
			out = append(out, a)
		}
	}
	return out
}
