package commit

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/orchestrator/internal/planner"
)

// A steady load makes plans for ever: what is kept of them may not grow with it.
func TestPlanCacheIsBounded(t *testing.T) { // R12.3
	c := newPlanCache()
	for i := range 3 * maxCached / ofPlan {
		key := planKey{tenant: "t", campaign: strconv.Itoa(i), version: 1}
		c.keep(map[planKey]planContext{key: {nodes: map[string]planner.Node{"n": {}}}})
		_, ok := c.get(key)
		require.True(t, ok, "the last one is kept")
		require.LessOrEqual(t, len(c.held)*(ofPlan+1), maxCached)
	}
}
