package toolbox_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/control"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
	"chimera/services/worker/internal/toolbox"
	"chimera/services/worker/internal/workertest"
)

type rig struct {
	*toolbox.Toolbox
	orch *workertest.Orchestrator
}

func newRig(t *testing.T, skills string, environ ...string) *rig {
	t.Helper()
	orch := workertest.NewOrchestrator(t)
	addresses, err := toolbox.ParseSkills(skills)
	require.NoError(t, err)
	client := control.Identity{}.HTTPClient(8)
	worker, err := control.Worker(client, orch.URL)
	require.NoError(t, err)
	box := toolbox.New(toolbox.Config{WorkerID: "w", Skills: addresses, Refresh: 200 * time.Millisecond, Environ: environ}, client, worker, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = box.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return &rig{Toolbox: box, orch: orch}
}

func (r *rig) request(t *testing.T, tool, text string) toolbox.Request {
	t.Helper()
	args, err := json.Marshal(map[string]string{"text": text})
	require.NoError(t, err)
	return toolbox.Request{
		Tool: tool, Digest: r.orch.Tool(t, tool).GetDigest(), Arguments: args,
		Call: toolmeta.Call{TenantID: uuid.NewString(), TaskID: uuid.NewString(), Epoch: 1, Attempt: 1},
	}
}

func TestDiscoversAndCallsOverHTTP(t *testing.T) { // R8.4
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	seen := r.orch.Tool(t, "fixture.post")
	require.False(t, seen.GetReadOnly())
	require.True(t, r.orch.Tool(t, "fixture.echo").GetReadOnly())
	require.Equal(t, "1.0.0", seen.GetVersion())
	a := r.Call(t.Context(), r.request(t, "fixture.echo", "tainted hi"))
	require.Nil(t, a.Err)
	require.JSONEq(t, `{"said":"tainted hi"}`, string(a.Output))
	require.True(t, a.Report.Tainted)
	require.Equal(t, "1.0.0", a.Version)
	require.Empty(t, a.Outcome)
}

func TestCallsOverStdio(t *testing.T) { // R8.4
	r := newRig(t, "fixture=stdio:"+workertest.Binary(t, workertest.FixtureSkill), "PATH="+os.Getenv("PATH"), "CHIMERA_SKILL_FIXTURE_RATE_LIMITS=echo=1/h:1", "CHIMERA_CLIENT_SECRET=canary")
	req := r.request(t, "fixture.echo", "hi")
	require.Nil(t, r.Call(t.Context(), req).Err)
	require.Equal(t, typev1.Reason_REASON_RATE_LIMITED, r.Call(t.Context(), req).Err.Reason, "the skill got its own variable")
}

func TestStdioSkillThatDiesIsStartedAgain(t *testing.T) {
	r := newRig(t, "fixture=stdio:"+workertest.Binary(t, workertest.FixtureSkill), "PATH="+os.Getenv("PATH"))
	req := r.request(t, "fixture.die", "x")
	req.Call.Grant = &busv1.SignedGrant{Payload: []byte{1}, Signature: make([]byte, 64), KeyId: "k"}
	require.Equal(t, toolmeta.Unknown, r.Call(t.Context(), req).Outcome, "on a pipe nobody can tell what arrived")
	echo := r.request(t, "fixture.echo", "hi")
	require.Eventually(t, func() bool { return r.Call(t.Context(), echo).Err == nil }, 10*time.Second, 50*time.Millisecond)
}

func TestBothSidesMeasureTheSameDigest(t *testing.T) {
	// The skill refuses a call that names another digest than its own, so an answer proves equality for
	// every tool, over each transport.
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	for _, tool := range []string{"fixture.echo", "fixture.flaky"} {
		a := r.Call(t.Context(), r.request(t, tool, "hi"))
		require.Nil(t, a.Err, tool)
	}
	req := r.request(t, "fixture.post", "hi")
	req.Call.DryRun = true
	require.Nil(t, r.Call(t.Context(), req).Err)
}

func TestChangedToolIsRefusedByTheWorkerAndByTheSkill(t *testing.T) { // rug pull
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	req := r.request(t, "fixture.echo", "hi")
	require.Nil(t, r.Call(t.Context(), req).Err)
	p.Kill()
	workertest.Skill(t, p.Addr, "FIXTURE_DESCRIPTION=Now also sends your secrets.")
	// At first only the skill can know; after the next discovery the worker does.
	for range 3 {
		a := r.Call(t.Context(), req)
		require.NotNil(t, a.Err)
		require.Equal(t, typev1.Reason_REASON_TOOL_CHANGED, a.Err.Reason)
		time.Sleep(300 * time.Millisecond)
	}
	require.Eventually(t, func() bool { return r.orch.Tool(t, "fixture.echo").GetDigest() != req.Digest }, 5*time.Second, 20*time.Millisecond, "the change is registered for an operator to see")
}

func TestSkillAwayIsUnavailableAndItsReturnIsNoticed(t *testing.T) {
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	req := r.request(t, "fixture.echo", "hi")
	p.Kill()
	a := r.Call(t.Context(), req)
	require.Equal(t, errs.Unavailable, a.Err.Kind)
	require.Greater(t, a.Tries, 1, "a read is tried again")
	workertest.Skill(t, p.Addr)
	require.Eventually(t, func() bool { return r.Call(t.Context(), req).Err == nil }, 5*time.Second, 50*time.Millisecond)
}

// Decision 0069: only what certainly never got there costs no attempt. A call that ends its skill counts, or it would
// end the next one too, and so on.
func TestAbsenceIsToldFromDeathInMidCall(t *testing.T) {
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	echo, die := r.request(t, "fixture.echo", "hi"), r.request(t, "fixture.die", "x")
	a := r.Call(t.Context(), die)
	require.Greater(t, a.Tries, 1)
	require.Equal(t, typev1.Reason_REASON_UNAVAILABLE, a.Err.Reason, "it was there when the call came")
	// A connection that the dead skill left behind may take one more call before it shows.
	require.Eventually(t, func() bool {
		a = r.Call(t.Context(), echo)
		return a.Err != nil && a.Err.Reason == typev1.Reason_REASON_SKILL_AWAY
	}, 5*time.Second, 10*time.Millisecond)
	require.Equal(t, errs.Unavailable, a.Err.Kind)

	die.Call.Grant = &busv1.SignedGrant{Payload: []byte{1}, Signature: make([]byte, 64), KeyId: "k"}
	require.Equal(t, toolmeta.NotDone, r.Call(t.Context(), die).Outcome)
	workertest.Skill(t, p.Addr)
	require.Eventually(t, func() bool { return r.Call(t.Context(), echo).Err == nil }, 5*time.Second, 50*time.Millisecond)
	a = r.Call(t.Context(), die)
	require.Equal(t, toolmeta.Unknown, a.Outcome, "an effect that may have got there is unknown, not away")
	require.Equal(t, typev1.Reason_REASON_OUTCOME_UNKNOWN, a.Err.Reason)
}

func TestReadsAreRetriedEffectsNever(t *testing.T) {
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	a := r.Call(t.Context(), r.request(t, "fixture.flaky", "x"))
	require.Nil(t, a.Err)
	require.Equal(t, 3, a.Tries)

	req := r.request(t, "fixture.flaky", "x")
	req.Call.Grant = &busv1.SignedGrant{Payload: []byte{1}, Signature: make([]byte, 64), KeyId: "k"}
	a = r.Call(t.Context(), req)
	require.NotNil(t, a.Err)
	require.Equal(t, 1, a.Tries)
}

func TestUnknownToolsAreRefused(t *testing.T) {
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	digest := r.orch.Tool(t, "fixture.echo").GetDigest()
	for _, tool := range []string{"fixture.nothing", "nobody.echo", "echo"} {
		a := r.Call(t.Context(), toolbox.Request{Tool: tool, Digest: digest, Arguments: []byte(`{}`)})
		require.Equal(t, typev1.Reason_REASON_TOOL_UNKNOWN, a.Err.Reason, tool)
	}
}

func TestDeathInMidCallIsNoticedLongBeforeTheDeadline(t *testing.T) {
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	req := r.request(t, "fixture.die", "x")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	start := time.Now()
	a := r.Call(ctx, req)
	require.Equal(t, errs.Unavailable, a.Err.Kind)
	require.Less(t, time.Since(start), 10*time.Second)
}

func TestHangingCallEndsWithItsContext(t *testing.T) {
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	req := r.request(t, "fixture.hang", "x")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	a := r.Call(ctx, req)
	require.Equal(t, errs.Timeout, a.Err.Kind)
	require.Eventually(t, func() bool { return strings.Contains(p.Output(), "fixture.hang") }, 3*time.Second, 20*time.Millisecond,
		"the skill's own call ended too: it wrote its audit line")
}

func TestHostileServerCannotFloodOrKillTheSession(t *testing.T) {
	status := 0
	server := mcp.NewServer(&mcp.Implementation{Name: "hostile", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "echo"}, func(_ context.Context, _ *mcp.CallToolRequest, in struct {
		Text string `json:"text"`
	},
	) (*mcp.CallToolResult, map[string]any, error) {
		if in.Text == "flood" {
			return nil, map[string]any{"x": strings.Repeat("x", 3<<20)}, nil
		}
		return nil, map[string]any{"said": in.Text}, nil
	})
	inner := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(strings.NewReader(string(body)))
		if strings.Contains(string(body), "break off") {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, ": nothing follows\n\n")
			return
		}
		if status != 0 && strings.Contains(string(body), `"tools/call"`) {
			http.Error(w, "no", status)
			return
		}
		inner.ServeHTTP(w, req)
	}))
	t.Cleanup(web.Close)
	r := newRig(t, "hostile="+web.URL)
	req := r.request(t, "hostile.echo", "hi")
	a := r.Call(t.Context(), req)
	require.Nil(t, a.Err)
	require.Zero(t, a.Report.Confidence, "a server without a report earns no confidence")

	flood := r.request(t, "hostile.echo", "flood")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NotNil(t, r.Call(ctx, flood).Err)
	require.NoError(t, ctx.Err(), "the flood was cut, not waited out")

	start := time.Now()
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.Equal(t, errs.Unavailable, r.Call(ctx, r.request(t, "hostile.echo", "break off")).Err.Kind)
	require.Less(t, time.Since(start), 5*time.Second, "an answer that ends without a result is not waited for")

	changed := req
	changed.Digest = strings.Repeat("0", 64)
	require.Equal(t, typev1.Reason_REASON_TOOL_CHANGED, r.Call(t.Context(), changed).Err.Reason, "the worker's own check: this server has none")

	for code, kind := range map[int]errs.Kind{401: errs.Unauthenticated, 403: errs.Unauthenticated, 413: errs.Invalid, 429: errs.Unavailable} {
		status = code
		a := r.Call(t.Context(), req)
		require.NotNil(t, a.Err)
		require.Equal(t, kind, a.Err.Kind, code)
		status = 0
		require.Nil(t, r.Call(t.Context(), req).Err, "the session survives a %d", code)
	}
	status = 403
	req.Call.Grant = &busv1.SignedGrant{Payload: []byte{1}, Signature: make([]byte, 64), KeyId: "k"}
	require.Equal(t, toolmeta.NotDone, r.Call(t.Context(), req).Outcome, "a 403 came before any tool ran")
	status = 502
	require.Equal(t, toolmeta.Unknown, r.Call(t.Context(), req).Outcome, "a proxy's 502 says nothing about the tool")
	status = 0
	require.Equal(t, toolmeta.Unknown, r.Call(t.Context(), req).Outcome, "an effect that does not say how it ended")
}

func TestRecallAsksTheOrchestrator(t *testing.T) { // R9.3
	p := workertest.Skill(t, "")
	r := newRig(t, "fixture=http://"+p.Addr+"/mcp")
	digest := r.orch.Tool(t, "memory.recall").GetDigest()
	r.orch.Remembers(&internalv1.RecallResponse{Memories: []*internalv1.Memory{{Id: "m", Text: "beans", Kind: "post", Score: 0.5, Tainted: true}}})
	task := r.orch.Task(t, "memory.recall", digest, `{"query":"beans"}`)
	out, err := r.orch.ClaimTasks(t.Context(), &internalv1.ClaimTasksRequest{WorkerId: "w", Items: []*internalv1.ClaimItem{{TenantId: task.GetTenantId(), TaskId: task.GetId(), SpecDigest: task.GetVersion().GetSpecDigest()}}})
	require.NoError(t, err)
	call := toolmeta.Call{TenantID: task.GetTenantId(), TaskID: task.GetId(), Epoch: out.GetOutcomes()[0].GetEpoch()}
	a := r.Call(t.Context(), toolbox.Request{Tool: "memory.recall", Digest: digest, Arguments: []byte(`{"query":"beans"}`), Call: call})
	require.Nil(t, a.Err)
	require.True(t, a.Report.Tainted)
	require.Contains(t, string(a.Output), "beans")

	r.orch.Remembers(&internalv1.RecallResponse{Degraded: "no store"})
	a = r.Call(t.Context(), toolbox.Request{Tool: "memory.recall", Digest: digest, Arguments: []byte(`{"query":"beans"}`), Call: call})
	require.Nil(t, a.Err)
	require.NotEmpty(t, a.Report.Degraded)

	call.TenantID = uuid.NewString()
	a = r.Call(t.Context(), toolbox.Request{Tool: "memory.recall", Digest: digest, Arguments: []byte(`{"query":"beans"}`), Call: call})
	require.Equal(t, errs.NotFound, a.Err.Kind, "another tenant's memory is not there")
}

func TestSkillAddresses(t *testing.T) {
	for _, bad := range []string{"x", "X=http://h/mcp", "a=ftp://h", "a=http://", "a=stdio:relative", "a=http://u:p@h/mcp", "memory=http://h/mcp", "a=http://h,a=http://h"} {
		_, err := toolbox.ParseSkills(bad)
		require.Error(t, err, bad)
	}
	got, err := toolbox.ParseSkills(" a=http://h/mcp, b=stdio:/bin/b ,")
	require.NoError(t, err)
	require.Equal(t, []toolbox.Address{{Name: "a", URL: "http://h/mcp"}, {Name: "b", Program: "/bin/b"}}, got)
}
