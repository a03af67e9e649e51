package toolmeta_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
)

func TestCallSurvivesTheWire(t *testing.T) {
	c := toolmeta.Call{
		TenantID: uuid.NewString(), TaskID: uuid.NewString(), AccountID: uuid.NewString(), RequestID: "r", Epoch: 1 << 40, Attempt: 3, DryRun: true, ToolDigest: "d",
		Grant: &busv1.SignedGrant{Payload: []byte{1, 2}, Signature: make([]byte, 64), KeyId: "k"},
	}
	meta, err := c.Meta()
	require.NoError(t, err)
	raw, err := json.Marshal(meta)
	require.NoError(t, err)
	var back map[string]any
	require.NoError(t, json.Unmarshal(raw, &back))
	got, err := toolmeta.Parse(back)
	require.NoError(t, err)
	require.True(t, proto.Equal(c.Grant, got.Grant))
	c.Grant, got.Grant = nil, nil
	require.Equal(t, c, got)
}

func TestMalformedMetaIsRefused(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"epoch":      func(m map[string]any) { m[toolmeta.Epoch] = "-1" },
		"epoch kind": func(m map[string]any) { m[toolmeta.Epoch] = 1 },
		"attempt":    func(m map[string]any) { m[toolmeta.Attempt] = "many" },
		"dry run":    func(m map[string]any) { m[toolmeta.DryRun] = "yes" },
		"account":    func(m map[string]any) { m[toolmeta.AccountID] = "*" },
		"grant":      func(m map[string]any) { m[toolmeta.Grant] = "%%%" },
	} {
		m := map[string]any{toolmeta.TenantID: uuid.NewString(), toolmeta.TaskID: uuid.NewString()}
		_, err := toolmeta.Parse(m)
		require.NoError(t, err)
		change(m)
		_, err = toolmeta.Parse(m)
		require.Error(t, err, name)
	}
}

func TestErrorSurvivesTheWireAndForeignOnesAreNotRetried(t *testing.T) {
	e := errs.New(errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "later").After(2e9).With("a", "b")
	got := toolmeta.FromError(e).Err()
	require.Equal(t, e, got)
	odd := toolmeta.Error{Kind: "nonsense", Reason: "REASON_NONE_OF_OURS", RetryAfterMS: 1 << 60}.Err()
	require.False(t, odd.Kind.Retryable())
	require.Equal(t, typev1.Reason_REASON_TOOL_FAILED, odd.Reason)
	require.InDelta(t, 1, odd.RetryAfter.Hours(), 0, "bounded, and not overflowed")
}
