package skillkit

import (
	"context"
	"log/slog"

	"chimera/services/kit/boot"
)

// levelled drops the MCP library's chatter below warnings: the audit line says what happened.
type levelled struct{ slog.Handler }

func (levelled) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (l levelled) WithAttrs(a []slog.Attr) slog.Handler { return levelled{l.Handler.WithAttrs(a)} }
func (l levelled) WithGroup(g string) slog.Handler      { return levelled{l.Handler.WithGroup(g)} }

func withIDs(ctx context.Context, c *Call) context.Context {
	return boot.WithIDs(ctx, boot.IDs{Tenant: c.TenantID, Task: c.TaskID, Request: c.RequestID})
}
