package e2e_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/kit/grant"
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
	wrongGrants(t, w, got[0], &sg)
	world.Eventually(t, 10*time.Second, "a security event for each attempt", func() bool { return len(events(t, w, "ada")) >= before+4 })
	clean(t, w, r)

	session := mcp.NewClient(&mcp.Implementation{Name: "stranger", Version: "1"}, nil)
	for name, token := range map[string]string{"a person's token": w.Token("ada"), "no token": ""} {
		_, err := session.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: w.Skill("publisher"), HTTPClient: &http.Client{Transport: authorised(token)}, DisableStandaloneSSE: true}, nil)
		require.Error(t, err, "the publisher talked to %s", name)
	}
}

// wrongGrants sends a sample of what the verifier's own test has thousands of through the real publisher, and past it
// straight to where grants are redeemed.
func wrongGrants(t *testing.T, w *world.World, c captured, sg *busv1.SignedGrant) {
	t.Helper()
	var wrong []*busv1.SignedGrant
	change := func(f func(g *busv1.SignedGrant)) {
		g := proto.CloneOf(sg)
		f(g)
		wrong = append(wrong, g)
	}
	for i := range 24 {
		change(func(g *busv1.SignedGrant) { g.Payload[i*len(g.GetPayload())/24] ^= 1 << (i % 8) })
		change(func(g *busv1.SignedGrant) { g.Signature[i*len(g.GetSignature())/24] ^= 1 << (i % 8) })
	}
	change(func(g *busv1.SignedGrant) { g.Payload = g.GetPayload()[:len(g.GetPayload())-1] })
	change(func(g *busv1.SignedGrant) { g.Payload = append(g.GetPayload(), 0x78, 0x01) })
	change(func(g *busv1.SignedGrant) { g.Signature = make([]byte, 64) })
	change(func(g *busv1.SignedGrant) { g.KeyId = "0000000000000000" })
	stranger, err := grant.NewSigner([]byte("somebody else's seed of 32 bytes"))
	require.NoError(t, err)
	var granted busv1.Grant
	require.NoError(t, proto.Unmarshal(sg.GetPayload(), &granted))
	theirs, err := stranger.Sign(&granted)
	require.NoError(t, err)
	wrong = append(wrong, theirs)
	theirs = proto.CloneOf(theirs)
	theirs.KeyId = sg.GetKeyId()
	wrong = append(wrong, theirs)

	direct := w.Skills(t, "publisher")
	for i, g := range wrong {
		if i%6 == 0 { // an MCP session for each
			require.Equal(t, "REASON_GRANT_INVALID", publish(t, w, c, g, c.Arguments).Reason)
		}
		_, err := direct.RedeemGrant(t.Context(), &internalv1.RedeemGrantRequest{
			TenantId: c.TenantID, TaskId: c.TaskID, Epoch: c.Epoch, Grant: g, PayloadSha256: granted.GetPayloadSha256(), ToolDigest: granted.GetToolDigest(),
		})
		require.Equal(t, connect.CodePermissionDenied, connect.CodeOf(err), "grant %d: %v", i, err)
	}
	t.Logf("%d wrong grants at the publisher and at the orchestrator, 0 redeemed", len(wrong))
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
