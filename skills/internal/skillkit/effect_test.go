package skillkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
	"chimera/skills/internal/skillkit"
	"chimera/skills/internal/skillkit/skillkittest"
)

func TestExecuteAppliesOnceUnderAPermit(t *testing.T) { // R10.5
	h := newRig(t)
	r := h.Execute(t, "post", sayIn{Text: "hi"}, h.mine())
	require.Equal(t, "r-1", skillkittest.Into[postOut](t, r).RemoteID)
	require.Equal(t, toolmeta.Done, r.Outcome)
	require.EqualValues(t, 1, h.world.applied.Load())
	p := h.world.permits[0]
	require.Equal(t, "app-password-canary", p.Credential.Secret.Reveal())
	require.NotEmpty(t, p.PlatformKey)
	require.Len(t, h.Control.Redemptions(), 1)
}

func TestDryRunNeverAppliesEvenWithAGrant(t *testing.T) { // R8.3, R10.5
	h := newRig(t)
	r := h.Execute(t, "post", sayIn{Text: "hi"}, h.mine(), skillkittest.DryRun())
	require.Equal(t, "hi", skillkittest.Into[postPlan](t, r).Payload.Text)
	require.Zero(t, h.world.applied.Load())
	require.Empty(t, h.Control.Redemptions(), "a dry run consumes nothing")
	require.Empty(t, r.Outcome)
}

func TestMisspeltDryRunIsNotAnExecution(t *testing.T) {
	h := newRig(t)
	call := h.Task
	call.AccountID = h.account
	call.Grant = h.grantFor(t, call, `{"text":"hi"}`)
	meta, err := call.Meta()
	require.NoError(t, err)
	meta[toolmeta.DryRun] = "True"
	r := h.raw(t, "post", `{"text":"hi"}`, meta)
	require.Equal(t, errs.Invalid, r.Err.Kind)
	require.Zero(t, h.world.applied.Load())
}

// TestEffectIsRefusedWithoutItsVeryGrant is R10.5 at the skill: each way to hold a wrong grant.
func TestEffectIsRefusedWithoutItsVeryGrant(t *testing.T) {
	const args = `{"text":"hi"}`
	other := skillkittest.NewControl(t)
	for name, c := range map[string]struct {
		grant  func(h *rig, call skillkittest.Call) *busv1.SignedGrant
		reason typev1.Reason
	}{
		"none": {func(*rig, skillkittest.Call) *busv1.SignedGrant { return nil }, typev1.Reason_REASON_GRANT_REQUIRED},
		"forged": {func(h *rig, c skillkittest.Call) *busv1.SignedGrant {
			return other.Sign(t, c, "fixture.post", h.digest(t), []byte(args))
		}, typev1.Reason_REASON_GRANT_INVALID},
		"expired": {changed(t, args, func(g *busv1.Grant) {
			g.NotAfter = timestamppb.New(time.Now().Add(-time.Second))
			g.NotBefore = timestamppb.New(time.Now().Add(-time.Minute))
		}), typev1.Reason_REASON_GRANT_EXPIRED},
		"early": {changed(t, args, func(g *busv1.Grant) {
			g.NotBefore = timestamppb.New(time.Now().Add(time.Minute))
			g.NotAfter = timestamppb.New(time.Now().Add(time.Hour))
		}), typev1.Reason_REASON_GRANT_EXPIRED},
		"payload": {changed(t, `{"text":"ho"}`, nil), typev1.Reason_REASON_GRANT_MISMATCH},
		"tool":    {changed(t, args, func(g *busv1.Grant) { g.Tool = "fixture.echo" }), typev1.Reason_REASON_GRANT_MISMATCH},
		"digest": {changed(t, args, func(g *busv1.Grant) {
			g.ToolDigest = "0000000000000000000000000000000000000000000000000000000000000000"
		}), typev1.Reason_REASON_GRANT_MISMATCH},
		"account": {changed(t, args, func(g *busv1.Grant) { g.AccountId = uuid.NewString() }), typev1.Reason_REASON_GRANT_MISMATCH},
		"tenant":  {changed(t, args, func(g *busv1.Grant) { g.TenantId = uuid.NewString() }), typev1.Reason_REASON_GRANT_MISMATCH},
		"task":    {changed(t, args, func(g *busv1.Grant) { g.TaskId = uuid.NewString() }), typev1.Reason_REASON_GRANT_MISMATCH},
	} {
		t.Run(name, func(t *testing.T) {
			h := newRig(t)
			call := h.Task
			call.AccountID = h.account
			call.Grant = c.grant(h, call)
			meta, err := call.Meta()
			require.NoError(t, err)
			r := h.raw(t, "post", args, meta)
			require.NotNil(t, r.Err)
			require.Equal(t, c.reason.String(), r.Err.Reason.String())
			require.Equal(t, toolmeta.NotDone, r.Outcome)
			require.Zero(t, h.world.applied.Load())
			require.Empty(t, h.Control.Redemptions())
			require.Len(t, h.Control.Violations(), 1, "every refused grant is reported")
		})
	}
}

func TestEveryFlippedBitOfAGrantIsRefused(t *testing.T) {
	h := newRig(t)
	call := h.Task
	call.AccountID = h.account
	good := h.grantFor(t, call, `{"text":"hi"}`)
	for i := 0; i < len(good.GetPayload()); i += 7 { // a sample of the payload, one bit per byte
		bad := &busv1.SignedGrant{Payload: append([]byte(nil), good.GetPayload()...), Signature: good.GetSignature(), KeyId: good.GetKeyId()}
		bad.Payload[i] ^= 1 << (i % 8)
		call.Grant = bad
		meta, err := call.Meta()
		require.NoError(t, err)
		require.Equal(t, typev1.Reason_REASON_GRANT_INVALID, h.raw(t, "post", `{"text":"hi"}`, meta).Err.Reason)
	}
	require.Zero(t, h.world.applied.Load())
}

func TestReplayedGrantIsRefusedAndReported(t *testing.T) {
	h := newRig(t)
	call := h.Task
	call.AccountID = h.account
	call.Grant = h.grantFor(t, call, `{"text":"hi"}`)
	meta, err := call.Meta()
	require.NoError(t, err)
	require.Nil(t, h.raw(t, "post", `{"text":"hi"}`, meta).Err)
	r := h.raw(t, "post", `{"text":"hi"}`, meta)
	require.Equal(t, typev1.Reason_REASON_GRANT_CONSUMED, r.Err.Reason)
	require.Equal(t, toolmeta.NotDone, r.Outcome)
	require.EqualValues(t, 1, h.world.applied.Load())
	require.Len(t, h.Control.Violations(), 1)
}

func TestReencodedArgumentsKeepTheirGrant(t *testing.T) {
	h := newRig(t)
	call := h.Task
	call.AccountID = h.account
	call.Grant = h.grantFor(t, call, `{"text":"hi","platform":"bluesky"}`)
	meta, err := call.Meta()
	require.NoError(t, err)
	require.Nil(t, h.raw(t, "post", "{ \"platform\":\"bluesky\",\n\"text\":\"h\\u0069\" }", meta).Err)
}

func TestOutcomeOfAFailedApply(t *testing.T) {
	refused := errs.New(errs.Denied, typev1.Reason_REASON_CREDENTIAL_DEAD, "the platform refused the token")
	for name, c := range map[string]struct {
		apply   func(context.Context, skillkit.Permit) error
		outcome toolmeta.Outcome
		reason  typev1.Reason
	}{
		"any error":       {func(context.Context, skillkit.Permit) error { return refused }, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		"foreign error":   {func(context.Context, skillkit.Permit) error { return errors.New("reset by peer") }, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		"panic":           {func(context.Context, skillkit.Permit) error { panic("x") }, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		"timeout":         {func(ctx context.Context, _ skillkit.Permit) error { <-ctx.Done(); return ctx.Err() }, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		"deaf to timeout": {func(context.Context, skillkit.Permit) error { time.Sleep(3 * time.Second); return nil }, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		"said not done":   {func(context.Context, skillkit.Permit) error { return skillkit.NotDone(refused) }, toolmeta.NotDone, typev1.Reason_REASON_CREDENTIAL_DEAD},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newRig(t)
			h.world.apply = c.apply
			r := h.Execute(t, "post", sayIn{Text: "hi"}, h.mine())
			require.Equal(t, c.outcome, r.Outcome)
			require.Equal(t, c.reason, r.Err.Reason)
			if c.outcome == toolmeta.Unknown {
				require.False(t, r.Err.Kind.Retryable(), "an unknown outcome must never look retryable")
			}
		})
	}
}

func TestNothingIsConsumedWhenThePlanFails(t *testing.T) {
	h := newRig(t)
	for _, text := range []string{"too long", "fall"} {
		r := h.Execute(t, "post", sayIn{Text: text}, h.mine())
		require.NotNil(t, r.Err)
		require.Equal(t, toolmeta.NotDone, r.Outcome)
	}
	require.Empty(t, h.Control.Redemptions())
	require.Zero(t, h.world.applied.Load())
}

func TestOrchestratorAwayMeansNotDone(t *testing.T) {
	h := newRig(t)
	h.Control.RefuseRedeem(errors.New("down"))
	r := h.Execute(t, "post", sayIn{Text: "hi"}, h.mine())
	require.NotNil(t, r.Err)
	require.Equal(t, toolmeta.NotDone, r.Outcome)
	require.Zero(t, h.world.applied.Load())
}

func TestPermitDeadlineCutsTheCall(t *testing.T) {
	h := newRig(t)
	h.Control.CallTimeout(100 * time.Millisecond)
	h.world.apply = func(ctx context.Context, _ skillkit.Permit) error { <-ctx.Done(); return ctx.Err() }
	start := time.Now()
	r := h.Execute(t, "post", sayIn{Text: "hi"}, h.mine())
	require.Equal(t, toolmeta.Unknown, r.Outcome)
	require.Less(t, time.Since(start), 800*time.Millisecond, "the tool's own timeout is 1 s")
}

func changed(t *testing.T, args string, f func(*busv1.Grant)) func(*rig, skillkittest.Call) *busv1.SignedGrant {
	return func(h *rig, call skillkittest.Call) *busv1.SignedGrant {
		if f == nil {
			f = func(*busv1.Grant) {}
		}
		return h.Control.Sign(t, call, "fixture.post", h.digest(t), []byte(args), f)
	}
}

func (r *rig) digest(t *testing.T) string {
	d, ok := r.Server.Digest("post")
	require.True(t, ok)
	return d
}

func (r *rig) grantFor(t *testing.T, call skillkittest.Call, args string) *busv1.SignedGrant {
	return r.Control.Sign(t, call, "fixture.post", r.digest(t), []byte(args))
}

func (r *rig) raw(t *testing.T, tool, args string, meta map[string]any) skillkittest.Result {
	t.Helper()
	res, err := r.Session.CallTool(t.Context(), &mcp.CallToolParams{Meta: meta, Name: tool, Arguments: json.RawMessage(args)})
	require.NoError(t, err)
	return skillkittest.Decode(t, res)
}
