package commit

import (
	"context"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// inBatches does many results' work in one transaction, part by part for each tenant. An error of the transaction as a
// whole says nothing about most of its items, so it is halved until those that fail stand alone; only a database that is
// away fails them all at once. Two results of one task are never in one transaction: the second must see what the first did.
func (c *Committer) inBatches(ctx context.Context, in []Incoming, part func(ctx context.Context, tx *store.Tx, in []Incoming) ([]Recorded, []audit.Entry, error)) []Recorded {
	out := make([]Recorded, len(in))
	var work func(at []int)
	work = func(at []int) {
		first, later := apart(at, func(i int) string { return string(in[i].Scope.Tenant) + in[i].Result.GetTaskId() })
		err := c.batch(ctx, first, func(i int) tenancy.Scope { return in[i].Scope }, func(ctx context.Context, tx *store.Tx, at []int) ([]audit.Entry, error) {
			items := make([]Incoming, len(at))
			for n, i := range at {
				items[n] = in[i]
			}
			outs, entries, err := part(ctx, tx, items)
			for n := range outs {
				out[at[n]] = outs[n]
			}
			return entries, err
		})
		switch {
		case err == nil:
		case len(first) == 1 || away(err):
			for _, i := range first {
				out[i] = Recorded{Err: err}
			}
		default:
			c.log.WarnContext(ctx, "a batch failed and is halved", "items", len(first), "error", err)
			work(first[:len(first)/2])
			work(first[len(first)/2:])
		}
		if len(later) > 0 {
			work(later)
		}
	}
	all := make([]int, len(in))
	for i := range in {
		all[i] = i
	}
	if len(all) > 0 {
		work(all)
	}
	return out
}

// away tells trouble of the database from trouble with an item: trying the rest by halves would only wait as often.
func away(err error) bool {
	kind := errs.KindOf(err)
	return kind == errs.Unavailable || kind == errs.Timeout || kind == errs.Cancelled
}

// apart takes the first item about each object; later has the rest, in order.
func apart(at []int, object func(i int) string) (first, later []int) {
	seen := make(map[string]bool, len(at))
	for _, i := range at {
		if key := object(i); !seen[key] {
			seen[key], first = true, append(first, i)
			continue
		}
		later = append(later, i)
	}
	return first, later
}

// batch runs part once for each tenant among the items, all in one transaction. A request that all of a tenant's items
// share names the entries that no single item causes.
func (c *Committer) batch(ctx context.Context, at []int, scope func(i int) tenancy.Scope, part func(ctx context.Context, tx *store.Tx, at []int) ([]audit.Entry, error)) error {
	groups := byTenant(len(at), func(n int) string { return string(scope(at[n]).Tenant) })
	scopes := make([]tenancy.Scope, len(groups))
	for g, members := range groups {
		for n, m := range members {
			members[n] = at[m]
		}
		scopes[g] = scope(members[0])
		for _, i := range members[1:] {
			if scope(i).RequestID != scopes[g].RequestID {
				scopes[g].RequestID = ""
			}
		}
	}
	return c.writeEach(ctx, scopes, func(ctx context.Context, tx *store.Tx, g int) ([]audit.Entry, error) { return part(ctx, tx, groups[g]) })
}
