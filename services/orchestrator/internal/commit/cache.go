package commit

import (
	"container/list"
	"context"
	"sync"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/planner"
)

// What a plan version is made of never changes once it is committed: its nodes, the campaign's goal and parameters,
// the persona's version and the accounts. So it is read and decoded once, and kept under a key that names all of it.

// maxCached bounds the cache by what it holds, roughly in KiB; beyond it, what was not asked for longest goes first. The
// collector lets the heap grow to five times what lives (kit/boot), so what is kept here is paid five times.
const (
	maxCached = 16 << 10
	ofPlan    = 8 // persona, parameters and accounts; a node is about one
)

type planKey struct {
	tenant   tenancy.ID
	campaign string
	version  int32
}

type planContext struct {
	campaign planner.Campaign
	nodes    map[string]planner.Node
}

func (p planContext) size() int { return ofPlan + len(p.nodes) }

type heldPlan struct {
	key planKey
	planContext
}

type planCache struct {
	mu sync.Mutex
	// held is by key; order has the same elements, each a heldPlan, the last used in front.
	held  map[planKey]*list.Element
	order *list.List
	size  int
}

func newPlanCache() *planCache {
	return &planCache{held: map[planKey]*list.Element{}, order: list.New()}
}

// get answers what is committed, or what ctx's own transaction has read or written of it: a batch has many tasks of
// one plan, and decodes it once.
func (c *planCache) get(ctx context.Context, k planKey) (planContext, bool) {
	if p, ok := seenIn(ctx)[k]; ok {
		return p, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.held[k]
	if !ok {
		return planContext{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(heldPlan).planContext, true
}

type seenKey struct{}

// watch collects what a transaction reads or writes of plans; only its commit makes that true for others.
func (c *planCache) watch(ctx context.Context) (context.Context, map[planKey]planContext) {
	seen := map[planKey]planContext{}
	return context.WithValue(ctx, seenKey{}, seen), seen
}

func saw(ctx context.Context, k planKey, p planContext) {
	if seen := seenIn(ctx); seen != nil {
		seen[k] = p
	}
}

func seenIn(ctx context.Context) map[planKey]planContext {
	seen, _ := ctx.Value(seenKey{}).(map[planKey]planContext)
	return seen
}

func (c *planCache) keep(seen map[planKey]planContext) {
	if len(seen) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, p := range seen {
		if _, ok := c.held[k]; ok {
			continue
		}
		c.held[k] = c.order.PushFront(heldPlan{k, p})
		c.size += p.size()
	}
	for c.size > maxCached && c.order.Len() > 1 {
		last := c.order.Remove(c.order.Back()).(heldPlan)
		delete(c.held, last.key)
		c.size -= last.size()
	}
}

// policyCache keeps each tenant's last decoded policy; a policy's version never changes.
type policyCache struct {
	mu   sync.Mutex
	held map[tenancy.ID]*platformv1.Policy
}

const maxCachedPolicies = 4096

func newPolicyCache() *policyCache { return &policyCache{held: map[tenancy.ID]*platformv1.Policy{}} }

func (c *policyCache) get(tenant tenancy.ID, version int32) *platformv1.Policy {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.held[tenant]; p.GetVersion() == version {
		return p
	}
	return nil
}

func (c *policyCache) put(tenant tenancy.ID, p *platformv1.Policy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) >= maxCachedPolicies {
		c.held = map[tenancy.ID]*platformv1.Policy{}
	}
	c.held[tenant] = p
}
