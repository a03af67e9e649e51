package skillkit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
	"chimera/skills/internal/skillkit"
	"chimera/skills/internal/skillkit/skillkittest"
)

func TestReportTravels(t *testing.T) { // R10.1, taint
	r := newRig(t).Call(t, "echo", sayIn{Text: "hi"})
	require.Equal(t, "hi", skillkittest.Into[sayOut](t, r).Said)
	require.InDelta(t, 0.9, r.Report.Confidence, 0)
	require.True(t, r.Report.Tainted)
	require.True(t, r.Report.Sources[0].Tainted)
	require.EqualValues(t, 7, r.Report.CostMicros)
	require.Empty(t, r.Outcome, "a read has no outcome")
}

func TestConfidenceWithoutBasisIsNone(t *testing.T) { // R10.1
	r := newRig(t).Call(t, "boast", sayIn{Text: "hi"})
	require.Zero(t, r.Report.Confidence)
	require.NotEmpty(t, r.Report.Basis)
}

func TestPanicIsAnErrorAndTheProcessLives(t *testing.T) {
	h := newRig(t)
	r := h.Call(t, "fall", sayIn{Text: "x"})
	require.Equal(t, typev1.Reason_REASON_TOOL_FAILED, r.Err.Reason)
	require.NotContains(t, r.Err.Public, "fell over")
	require.Contains(t, h.log.String(), "fell over", "the log has the cause")
	require.Nil(t, h.Call(t, "echo", sayIn{Text: "still here"}).Err)
}

func TestHangingToolIsCutAtItsTimeout(t *testing.T) {
	h := newRig(t)
	start := time.Now()
	r := h.Call(t, "hang", sayIn{Text: "x"})
	require.Equal(t, errs.Timeout, r.Err.Kind)
	require.Less(t, time.Since(start), 1500*time.Millisecond, "the tool itself takes 2 s")
}

func TestFloodIsCut(t *testing.T) {
	r := newRig(t).Call(t, "flood", sayIn{Text: "x"})
	require.Equal(t, typev1.Reason_REASON_TOO_LARGE, r.Err.Reason)
}

func TestErrorsKeepKindReasonAndRetryAfter(t *testing.T) {
	h := newRig(t)
	r := h.Call(t, "fail", sayIn{Text: "x"})
	require.Equal(t, errs.Throttled, r.Err.Kind)
	require.Equal(t, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, r.Err.Reason)
	require.Equal(t, 3*time.Second, r.Err.RetryAfter)
	require.Equal(t, "30", r.Err.Meta["limit"])
	require.NotContains(t, h.Call(t, "leak", sayIn{Text: "x"}).Err.Public, "postgres")
}

func TestRateLimitPerToolAndPlatform(t *testing.T) { // R8.3
	h := newRig(t, func(c *skillkit.Config) { c.RateLimits = "echo=1/h:3,echo@bluesky=1/h:1" })
	require.Nil(t, h.Call(t, "echo", sayIn{Text: "1", Platform: "bluesky"}).Err)
	r := h.Call(t, "echo", sayIn{Text: "2", Platform: "bluesky"})
	require.Equal(t, typev1.Reason_REASON_RATE_LIMITED, r.Err.Reason)
	require.Greater(t, r.Err.RetryAfter, 30*time.Minute)
	require.Nil(t, h.Call(t, "echo", sayIn{Text: "3", Platform: "mastodon"}).Err, "another platform has its own limit")
	require.Nil(t, h.Call(t, "echo", sayIn{Text: "4"}).Err, "the refused call took nothing of the tool's limit")
	require.NotNil(t, h.Call(t, "echo", sayIn{Text: "5"}).Err)
	require.Contains(t, h.log.String(), "REASON_RATE_LIMITED")
}

func TestCallWithoutTenantIsRefused(t *testing.T) { // R9.4
	h := newRig(t)
	for name, meta := range map[string]mcp.Meta{
		"none":          {},
		"not a uuid":    {toolmeta.TenantID: "all", toolmeta.TaskID: h.Task.TaskID},
		"nil uuid":      {toolmeta.TenantID: "00000000-0000-0000-0000-000000000000", toolmeta.TaskID: h.Task.TaskID},
		"not canonical": {toolmeta.TenantID: strings.ToUpper("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"), toolmeta.TaskID: h.Task.TaskID},
		"no task":       {toolmeta.TenantID: h.Task.TenantID},
	} {
		res, err := h.Session.CallTool(t.Context(), &mcp.CallToolParams{Meta: meta, Name: "echo", Arguments: sayIn{Text: "x"}})
		require.NoError(t, err, name)
		require.True(t, res.IsError, name)
	}
}

func TestCallForAnotherVersionOfTheToolIsRefused(t *testing.T) { // R8.4
	h := newRig(t)
	digest, _ := h.Server.Digest("echo")
	h.Task.ToolDigest = digest
	require.Nil(t, h.Call(t, "echo", sayIn{Text: "x"}).Err)
	h.Task.ToolDigest = strings.Repeat("0", 64)
	require.Equal(t, typev1.Reason_REASON_TOOL_CHANGED, h.Call(t, "echo", sayIn{Text: "x"}).Err.Reason)
}

func TestMalformedArgumentsAreRefused(t *testing.T) {
	h := newRig(t)
	for name, args := range map[string]any{
		"missing": map[string]any{}, "extra": map[string]any{"text": "x", "also": 1}, "type": map[string]any{"text": 1}, "case": map[string]any{"Text": "x"},
	} {
		require.Equal(t, errs.Invalid, h.Call(t, "echo", args).Err.Kind, name)
	}
}

func TestUnknownToolIsAProtocolErrorAndAudited(t *testing.T) {
	h := newRig(t)
	meta, err := h.Task.Meta()
	require.NoError(t, err)
	_, err = h.Session.CallTool(t.Context(), &mcp.CallToolParams{Meta: meta, Name: "nothing", Arguments: map[string]any{}})
	require.ErrorContains(t, err, "unknown tool")
	require.Contains(t, h.log.String(), "protocol_error")
}

func TestAuditLineHoldsTheCallAndNoSecret(t *testing.T) { // R8.3, R11.4
	h := newRig(t)
	h.Call(t, "echo", sayIn{Text: strings.Repeat("long text ", 40), Token: "canary-token"})
	line := h.log.String()
	for _, want := range []string{`"tool":"fixture.echo"`, `"status":"ok"`, `"duration_ms"`, `"started_at"`, "(400 bytes)"} {
		require.Contains(t, line, want)
	}
	require.NotContains(t, line, "canary-token")
	require.NotContains(t, line, "long text")
}

func TestToolSnapshots(t *testing.T) {
	skillkittest.Snapshot(t, newRig(t).Server, "testdata/tools")
}
