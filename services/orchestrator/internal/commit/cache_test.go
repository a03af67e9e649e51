package commit

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/orchestrator/internal/planner"
)

// A steady load makes plans for ever: what is kept of them may not grow with it, and what is in use stays.
func TestPlanCacheIsBounded(t *testing.T) { // R12.3
	c := newPlanCache()
	one := planContext{nodes: map[string]planner.Node{"n": {}}}
	used := planKey{tenant: "t", campaign: "used", version: 1}
	c.keep(map[planKey]planContext{used: one})
	for i := range 3 * maxCached / ofPlan {
		key := planKey{tenant: "t", campaign: strconv.Itoa(i), version: 1}
		c.keep(map[planKey]planContext{key: one})
		_, ok := c.get(t.Context(), key)
		require.True(t, ok, "the last one is kept")
		_, ok = c.get(t.Context(), used)
		require.True(t, ok, "what is asked for is kept")
		require.LessOrEqual(t, len(c.held)*one.size(), maxCached)
		require.Equal(t, c.order.Len(), len(c.held))
	}
}

// A batch has many tasks of one plan. What its transaction has read is not read again before the commit, and nobody
// else sees it until then.
func TestATransactionReadsAPlanOnce(t *testing.T) { // R7.4
	c := newPlanCache()
	key := planKey{tenant: "t", campaign: "c", version: 1}
	within, seen := c.watch(t.Context())
	_, ok := c.get(within, key)
	require.False(t, ok)
	saw(within, key, planContext{})
	_, ok = c.get(within, key)
	require.True(t, ok)
	_, ok = c.get(t.Context(), key)
	require.False(t, ok, "not committed yet")
	c.keep(seen)
	_, ok = c.get(t.Context(), key)
	require.True(t, ok)
}
