package commit

import (
	"context"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// parts is how items of one kind are done many at a time.
type parts[In, Out any] struct {
	scope func(In) tenancy.Scope
	// object, if there is one, is what two items of one transaction must not be about: the second must see what the first did.
	object func(In) string
	failed func(error) Out
	// again, if there is one, tells an error after which the item is done once more.
	again func(In, error) bool
}

// inBatches does many items' work in one transaction, part by part for each tenant. An error of the transaction as a
// whole says nothing about most of its items, so it is halved until those that fail stand alone; only a database that is
// away fails them all at once.
func inBatches[In, Out any](ctx context.Context, c *Committer, in []In, p parts[In, Out], part func(ctx context.Context, tx *store.Tx, in []In) ([]Out, []audit.Entry, error)) []Out {
	out := make([]Out, len(in))
	run := func(at []int) error {
		return c.batch(ctx, at, func(i int) tenancy.Scope { return p.scope(in[i]) }, func(ctx context.Context, tx *store.Tx, at []int) ([]audit.Entry, error) {
			items := make([]In, len(at))
			for n, i := range at {
				items[n] = in[i]
			}
			outs, entries, err := part(ctx, tx, items)
			for n := range outs {
				out[at[n]] = outs[n]
			}
			return entries, err
		})
	}
	var work func(at []int)
	work = func(at []int) {
		first, later := at, []int(nil)
		if p.object != nil {
			first, later = apart(at, func(i int) string { return string(p.scope(in[i]).Tenant) + p.object(in[i]) })
		}
		err := run(first)
		if err != nil && len(first) == 1 && p.again != nil && p.again(in[first[0]], err) {
			err = run(first)
		}
		switch {
		case err == nil:
		case len(first) == 1 || away(err):
			for _, i := range first {
				out[i] = p.failed(err)
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
