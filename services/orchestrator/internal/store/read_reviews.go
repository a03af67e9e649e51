package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const (
	// countUpTo bounds what a filtered list counts; one more means there are more.
	countUpTo = 10_000
	// searchUpTo bounds the items a search in closed ones looks at, newest first.
	searchUpTo = 20_000
)

// ReviewCursor is where a page ends: at UrgentAt and ID rising, or at ID falling when the newest come first.
type ReviewCursor struct {
	UrgentAt time.Time `json:"u"`
	ID       string    `json:"i"`
}

// ReviewFilter narrows a listing; zero values do not.
type ReviewFilter struct {
	State, CampaignID, AccountID, AgentID, Platform string
	Risk                                            int16
	// Query is looked for in excerpt, handle and campaign name.
	Query string
	// Within is the most time left until the deadline.
	Within time.Duration
	// Holder is a subject whose claim holds; Unheld wants items that nobody holds.
	Holder  string
	Unheld  bool
	Snoozed bool
	Newest  bool
}

// clauses are the filter as SQL over r, with its arguments after args. Every value is an argument.
func (f ReviewFilter) clauses(args []any) (string, []any) {
	var b strings.Builder
	and := func(condition string, value any) {
		args = append(args, value)
		fmt.Fprintf(&b, " and "+condition, len(args))
	}
	and("r.state = $%d", f.State)
	if f.State == "open" {
		// Said in so many words: a partial index is used for a constant only.
		b.WriteString(" and r.state = 'open'")
		if !f.Snoozed {
			b.WriteString(" and (r.snoozed_until is null or r.snoozed_until <= now())")
		}
	}
	for _, x := range []struct{ column, value string }{{"campaign_id", f.CampaignID}, {"account_id", f.AccountID}, {"agent_id", f.AgentID}} {
		if x.value != "" {
			and("r."+x.column+" = $%d::uuid", x.value)
		}
	}
	if f.Platform != "" {
		and("r.platform = $%d", f.Platform)
	}
	if f.Risk != 0 {
		and("r.risk = $%d", f.Risk)
	}
	if f.Within > 0 {
		and("r.deadline <= now() + make_interval(secs => $%d)", f.Within.Seconds())
	}
	if f.Holder != "" {
		and("r.claimed_by = $%d and r.claimed_until > now()", f.Holder)
	}
	if f.Unheld {
		b.WriteString(" and (r.claimed_by is null or r.claimed_until <= now())")
	}
	if f.Query != "" {
		// Names are looked for once, not for each item.
		and(`(r.sought collate "C" like lower($%[1]d) or r.campaign_id in (select id from campaigns where tenant_id = $1 and name ilike $%[1]d)
			or r.account_id in (select id from accounts where tenant_id = $1 and handle ilike $%[1]d))`, like(f.Query))
	}
	return b.String(), args
}

// like finds the words anywhere; % and _ are letters like others.
func like(words string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(words) + "%"
}

// from bounds what a search in closed items reads.
func (f ReviewFilter) from() string {
	if f.Query == "" || f.State == "open" {
		return "reviews"
	}
	return fmt.Sprintf("(select * from reviews where tenant_id = $1 and state = $2 order by id desc limit %d)", searchUpTo)
}

// ReviewList pages the queue, most urgent first, or newest first.
func (t *Tx) ReviewList(ctx context.Context, f ReviewFilter, after *ReviewCursor, limit int) ([]Review, error) {
	where, args := f.clauses([]any{t.tenant()})
	order := "r.urgent_at, r.id"
	if f.Newest || f.State != "open" {
		order = "r.id desc"
	}
	switch {
	case after == nil:
	case order == "r.id desc":
		args = append(args, after.ID)
		where += fmt.Sprintf(" and r.id < $%d::uuid", len(args))
	default:
		args = append(args, after.UrgentAt, after.ID)
		where += fmt.Sprintf(" and (r.urgent_at, r.id) > ($%d, $%d::uuid)", len(args)-1, len(args))
	}
	args = append(args, limit)
	return many[Review](ctx, t, fmt.Sprintf("select "+reviewColumns+" from %s r where r.tenant_id = $1%s order by %s limit $%d", f.from(), where, order, len(args)), args...)
}

// ReviewMatching counts what a filter leaves, up to 10,001.
func (t *Tx) ReviewMatching(ctx context.Context, f ReviewFilter) (int, error) {
	where, args := f.clauses([]any{t.tenant()})
	return scalar[int](ctx, t, fmt.Sprintf("select count(*)::int from (select from %s r where r.tenant_id = $1%s limit %d) matching", f.from(), where, countUpTo+1), args...)
}

// OpenReviewCount is a part of the open items.
type OpenReviewCount struct {
	Risk     int16     `db:"risk"`
	Platform string    `db:"platform"`
	N        int32     `db:"n"`
	Snoozed  int32     `db:"snoozed"`
	Expiring int32     `db:"expiring"`
	Oldest   time.Time `db:"oldest"`
}

// OpenReviewCounts counts the open items by risk and platform, from the index alone.
func (t *Tx) OpenReviewCounts(ctx context.Context) ([]OpenReviewCount, error) {
	return many[OpenReviewCount](ctx, t, `select risk, platform, count(*)::int as n, count(*) filter (where snoozed_until > now())::int as snoozed,
		count(*) filter (where deadline <= now() + interval '1 hour')::int as expiring, min(created_at) as oldest
		from reviews where tenant_id = $1 and state = 'open' group by risk, platform`, t.tenant())
}

// ReviewedBefore answers the payload that a person last had before them for a node of a campaign; nil without one.
func (t *Tx) ReviewedBefore(ctx context.Context, r Review, node string) ([]byte, error) {
	rows, err := column[[]byte](ctx, t, `select p.payload from reviews p join tasks k on k.tenant_id = p.tenant_id and k.id = p.task_id
		where p.tenant_id = $1 and p.campaign_id = $2 and p.id <> $3 and k.node = $4 and p.created_at <= $5 and p.state in ('approved', 'rejected', 'changes_requested')
		order by p.decided_at desc limit 1`, t.tenant(), r.CampaignID, r.ID, node, r.CreatedAt)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}
