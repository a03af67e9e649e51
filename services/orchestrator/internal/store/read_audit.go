package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chimera/services/orchestrator/internal/audit"
)

// searchEntries bounds the entries that a search in words looks at, the newest that the other filters leave.
const searchEntries = 50_000

// AuditFilter narrows a listing; zero values do not.
type AuditFilter struct {
	// Action is an action, or with a dot at the end its first part.
	Action string
	// Actor is a subject, or with a star at the end its beginning.
	Actor, ObjectType, ObjectID, RequestID string
	Outcome                                audit.Outcome
	// Since is included, Until is not.
	Since, Until time.Time
	// Query is looked for in action, actor, object id and detail.
	Query string
	// Oldest turns the order round.
	Oldest bool
}

// beginning escapes a prefix for LIKE.
func beginning(prefix string) string { return strings.TrimPrefix(like(prefix), "%") }

// clauses are the filter as SQL, with its arguments after args. Every value is an argument.
func (f AuditFilter) clauses(args []any) (string, []any) {
	var b strings.Builder
	and := func(condition string, value any) {
		args = append(args, value)
		fmt.Fprintf(&b, " and "+condition, len(args))
	}
	switch {
	case strings.HasSuffix(f.Action, "."):
		and("action like $%d", beginning(f.Action))
	case f.Action != "":
		and("action = $%d", f.Action)
	}
	prefix, many := strings.CutSuffix(f.Actor, "*")
	switch {
	case many:
		and("actor like $%d", beginning(prefix))
	case strings.HasPrefix(f.Actor, "service:") || strings.HasPrefix(f.Actor, "system:"):
		and("actor = $%d", f.Actor)
	case f.Actor != "":
		// Said in so many words: people's entries have an index of their own.
		and("actor = $%d and actor not like 'service:%%%%' and actor not like 'system:%%%%'", f.Actor)
	}
	for _, x := range []struct{ column, value string }{{"object_type", f.ObjectType}, {"object_id", f.ObjectID}, {"request_id", f.RequestID}} {
		if x.value != "" {
			and(x.column+" = $%d", x.value)
		}
	}
	if !f.Since.IsZero() {
		and("at >= $%d", f.Since)
	}
	if !f.Until.IsZero() {
		and("at < $%d", f.Until)
	}
	if f.Outcome != "" {
		actions, negated := audit.Actions(f.Outcome)
		patterns := make([]string, 0, len(actions))
		for _, a := range actions {
			prefix, star := strings.CutSuffix(a, "*")
			if pattern := beginning(prefix); star {
				patterns = append(patterns, pattern)
			} else {
				patterns = append(patterns, strings.TrimSuffix(pattern, "%"))
			}
		}
		condition := "action like any($%d)"
		if negated {
			condition = "not (action like any($%d))"
		}
		and(condition, patterns)
	}
	return b.String(), args
}

// AuditList pages backwards from seq (0 = the end), or forwards when the oldest come first.
func (t *Tx) AuditList(ctx context.Context, f AuditFilter, seq int64, limit int) ([]audit.Record, error) {
	where, args := f.clauses([]any{t.tenant()})
	order, beyond := "desc", "<"
	if f.Oldest {
		order, beyond = "asc", ">"
	}
	if seq != 0 {
		args = append(args, seq)
		where += fmt.Sprintf(" and seq %s $%d", beyond, len(args))
	}
	from := "audit_entries where tenant_id = $1" + where
	if f.Query != "" {
		args = append(args, like(f.Query))
		from = fmt.Sprintf(`(select * from audit_entries where tenant_id = $1%s order by seq %s limit %d) latest
			where tenant_id = $1 and (action ilike $%[4]d or actor ilike $%[4]d or object_id ilike $%[4]d or detail ilike $%[4]d)`, where, order, searchEntries, len(args))
	}
	args = append(args, limit)
	return many[audit.Record](ctx, t, fmt.Sprintf("select "+auditColumns+" from %s order by seq %s limit $%d", from, order, len(args)), args...)
}

// EffectTimes are the three moments of an effect: authorised, attempted, outcome known.
type EffectTimes struct {
	ID         string     `db:"id"`
	TaskID     string     `db:"task_id"`
	PreparedAt time.Time  `db:"prepared_at"`
	SendingAt  *time.Time `db:"sending_at"`
	SettledAt  *time.Time `db:"settled_at"`
}

// EffectTimesOf answers the effects with these ids, and those of these tasks, oldest first.
func (t *Tx) EffectTimesOf(ctx context.Context, effectIDs, taskIDs []string) ([]EffectTimes, error) {
	return many[EffectTimes](ctx, t, `select id, task_id, prepared_at, sending_at, settled_at from effects where tenant_id = $1 and id = any($2::uuid[])
		union select id, task_id, prepared_at, sending_at, settled_at from effects where tenant_id = $1 and task_id = any($3::uuid[]) order by id limit 2000`,
		t.tenant(), effectIDs, taskIDs)
}
