package e2e_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/toolmeta"
	"chimera/tests/internal/world"
)

// captured is what somebody who read the bus and the tables knows of an execution.
type captured struct {
	TaskID, TenantID, AccountID string
	Epoch                       int64
	Arguments, Signed           []byte
}

// grantIsReplayed: with everything that an execution was made of, even the worker's own identity, the publisher
// publishes nothing a second time.
func grantIsReplayed(t *testing.T, w *world.World) {
	r := w.Launch(t, world.Options{})
	r.ApproveAll(t)
	r.Completed(t)
	got := world.Rows[captured](t, w.Database, `select t.id::text, t.tenant_id::text, t.account_id::text, t.epoch, t.arguments, g.signed from tasks t
		join grants g on g.tenant_id = t.tenant_id and g.task_id = t.id where t.campaign_id = $1 and g.state = 'redeemed'`, r.ID)
	require.Len(t, got, 1)
	var sg busv1.SignedGrant
	require.NoError(t, proto.Unmarshal(got[0].Signed, &sg))
	forged := proto.CloneOf(&sg)
	forged.Signature[3] ^= 1
	var edited map[string]any
	require.NoError(t, json.Unmarshal(got[0].Arguments, &edited))
	edited["text"] = "Buy my course."
	other, err := json.Marshal(edited)
	require.NoError(t, err)
	before := len(events(t, w, "ada"))
	for _, c := range []struct {
		name      string
		grant     *busv1.SignedGrant
		arguments []byte
		reason    string
	}{
		{"replayed", &sg, got[0].Arguments, "REASON_STALE_EPOCH"}, // its task is over
		{"for other bytes", &sg, other, "REASON_GRANT_MISMATCH"},
		{"forged", forged, got[0].Arguments, "REASON_GRANT_INVALID"},
		{"none", nil, got[0].Arguments, "REASON_GRANT_REQUIRED"},
	} {
		answer := publish(t, w, got[0], c.grant, c.arguments)
		require.Equal(t, c.reason, answer.Reason, c.name)
	}
	world.Eventually(t, 10*time.Second, "a security event for each attempt", func() bool { return len(events(t, w, "ada")) >= before+4 })
	clean(t, w, r)

	session := mcp.NewClient(&mcp.Implementation{Name: "stranger", Version: "1"}, nil)
	for name, token := range map[string]string{"a person's token": w.Token("ada"), "no token": ""} {
		_, err := session.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: w.Skill("publisher"), HTTPClient: &http.Client{Transport: authorised(token)}, DisableStandaloneSSE: true}, nil)
		require.Error(t, err, "the publisher talked to %s", name)
	}
}

// publish calls the publisher as its worker would.
func publish(t *testing.T, w *world.World, c captured, sg *busv1.SignedGrant, arguments []byte) toolmeta.Error {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "thief", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{
		Endpoint:   w.Skill("publisher"),
		HTTPClient: &http.Client{Transport: authorised(w.Token("chimera-worker"))}, DisableStandaloneSSE: true,
	}, nil)
	require.NoError(t, err)
	defer func() { _ = session.Close() }()
	meta, err := toolmeta.Call{TenantID: c.TenantID, TaskID: c.TaskID, AccountID: c.AccountID, Epoch: c.Epoch, Attempt: 1, Grant: sg}.Meta()
	require.NoError(t, err)
	res, err := session.CallTool(t.Context(), &mcp.CallToolParams{Meta: meta, Name: "publish", Arguments: json.RawMessage(arguments)})
	require.NoError(t, err)
	require.True(t, res.IsError)
	require.Equal(t, string(toolmeta.NotDone), res.Meta[toolmeta.OutcomeKey])
	raw, err := json.Marshal(res.Meta[toolmeta.ErrorKey])
	require.NoError(t, err)
	var out toolmeta.Error
	if text, ok := res.Meta[toolmeta.ErrorKey].(string); ok {
		raw = []byte(text)
	}
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

type authorised string

func (a authorised) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if a != "" {
		r.Header.Set("Authorization", "Bearer "+string(a))
	}
	return http.DefaultTransport.RoundTrip(r)
}
