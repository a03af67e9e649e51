package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pb "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/api/apitest"
)

// TestEventsAreBounded: probing is seen, but fills neither the audit chain nor the disk.
func TestEventsAreBounded(t *testing.T) {
	b := apitest.Start(t)
	a, other := b.Seed("tenant-a"), b.Seed("tenant-b")
	viewer, get := b.Member(a, "viewer"), method(t, "AgentService.GetAgent")
	before, began := head(t, b, a), time.Now()
	for range 300 {
		require.Equal(t, "not_found", b.Call(viewer, get, &pb.GetAgentRequest{AgentId: other.Agent}, "").Code)
	}
	seen := func() int64 {
		return head(t, b, a) - before + int64(strings.Count(b.Log.String(), "security event held back"))
	}
	require.Eventually(t, func() bool { return seen() == 300 }, 20*time.Second, tick, "each is an event or a line in the log")
	allowed := 200 + int64(time.Since(began).Seconds()) + 1
	require.LessOrEqual(t, head(t, b, a)-before, allowed)
	require.GreaterOrEqual(t, head(t, b, a)-before, int64(200))
}
