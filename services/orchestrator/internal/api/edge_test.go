package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	pb "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/apitest"
)

// canary stands for what must never leave the process.
const canary = "canary-7f3a: relation agents, host db-1"

func TestRequestIDIsOnEveryAnswer(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	policy := apitest.Procedure(method(t, "PolicyService.GetPolicy"))
	viewer := b.Member(tenant, "viewer")
	for name, r := range map[string]struct {
		client *http.Client
		apitest.Request
	}{
		"success":         {viewer, apitest.Request{Procedure: policy, Body: []byte("{}")}},
		"unauthenticated": {b.As("", ""), apitest.Request{Procedure: policy, Body: []byte("{}")}},
		"no such path":    {viewer, apitest.Request{Procedure: "/nowhere", Body: []byte("{}")}},
		"not a message":   {viewer, apitest.Request{Procedure: policy, Body: []byte("{")}},
		"unknown content": {viewer, apitest.Request{Procedure: policy, Body: []byte("{}"), Header: http.Header{"Content-Type": {"text/csv"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			minted := b.Do(r.client, r.Request).Header.Get(api.RequestIDHeader)
			id, err := uuid.Parse(minted)
			require.NoError(t, err)
			require.EqualValues(t, 7, id.Version())
			r.ID = "callers-own_ID-1"
			require.Equal(t, "callers-own_ID-1", b.Do(r.client, r.Request).Header.Get(api.RequestIDHeader))
			for _, bad := range []string{"short", strings.Repeat("x", 65), "has space in it", "line%0abreak", `"quoted-id"`} {
				r.ID = bad
				require.NotEqual(t, bad, b.Do(r.client, r.Request).Header.Get(api.RequestIDHeader))
			}
		})
	}
	a := b.Do(b.As("", ""), apitest.Request{Procedure: policy, Body: []byte("{}"), ID: "refused-call-1"})
	require.Equal(t, "refused-call-1", a.Info.GetRequestId(), "in the detail too")
	require.Contains(t, b.Log.String(), "call refused")
}

// TestHostileBodies: reliability row 59: a 4xx answer and no memory to speak of.
func TestHostileBodies(t *testing.T) {
	b := apitest.Start(t)
	operator := b.Member(b.Seed("tenant-a"), "operator")
	create := apitest.Procedure(method(t, "AgentService.CreateAgent"))
	deep := []byte(strings.Repeat(`{"persona":`, 100_000) + strings.Repeat("}", 100_000))
	lists := []byte(`{"persona":{"topics":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}}")
	for name, r := range map[string]struct {
		apitest.Request
		code string
	}{
		"gzip bomb":         {apitest.Request{Body: bomb(t, 256<<20), Header: http.Header{"Content-Encoding": {"gzip"}}}, "unimplemented"},
		"100 MiB":           {apitest.Request{Body: make([]byte, 100<<20)}, "resource_exhausted"},
		"over 4 MiB":        {apitest.Request{Body: []byte(`{"name":"` + strings.Repeat("n", 4<<20) + `"}`)}, "resource_exhausted"},
		"deep objects":      {apitest.Request{Body: deep}, "invalid_argument"},
		"deep lists":        {apitest.Request{Body: lists}, "invalid_argument"},
		"unknown field":     {apitest.Request{Body: []byte(`{"nme":"x"}`)}, "invalid_argument"},
		"many broken rules": {apitest.Request{Procedure: "/chimera.platform.v1.CampaignService/CreateCampaign", Body: []byte(`{"accountIds":[` + strings.Repeat(`"x",`, 300_000) + `"x"]}`)}, "invalid_argument"},
		"breaks a rule":     {apitest.Request{Body: []byte(`{"name":"","persona":{"voice":"v","language":"en"}}`)}, "invalid_argument"},
		"broken proto":      {apitest.Request{Body: []byte("\xff\xff\xff"), Header: http.Header{"Content-Type": {"application/proto"}}}, "invalid_argument"},
		"id not a uuid":     {apitest.Request{Procedure: "/chimera.platform.v1.AgentService/GetAgent", Body: []byte(`{"agentId":"' or 1=1 --"}`)}, "invalid_argument"},
		"client timeout":    {apitest.Request{Body: []byte(`{}`), Header: http.Header{"Connect-Timeout-Ms": {"x"}}}, "invalid_argument"},
	} {
		t.Run(name, func(t *testing.T) {
			if r.Procedure == "" {
				r.Procedure = create
			}
			before := allocated()
			a := b.Do(operator, r.Request)
			require.Equal(t, r.code, a.Code, "%d %.300s", a.Status, a.Body)
			require.GreaterOrEqual(t, a.Status, 400)
			require.NotEmpty(t, a.Header.Get(api.RequestIDHeader))
			require.Less(t, allocated()-before, uint64(64<<20), "bytes allocated by client and server together")
		})
	}
	csv := b.Do(operator, apitest.Request{Procedure: create, Body: []byte("x"), Header: http.Header{"Content-Type": {"text/csv"}}})
	require.Equal(t, http.StatusUnsupportedMediaType, csv.Status)
	rule := b.Do(operator, apitest.Request{Procedure: create, Body: []byte(`{"name":"","persona":{"voice":"v","language":"en"}}`)})
	require.Equal(t, typev1.Reason_REASON_INVALID, rule.Info.GetReason())
	require.Contains(t, rule.Info.GetMessage(), "name")
	require.Contains(t, string(rule.Body), "buf.validate.Violations")
}

func bomb(t *testing.T, size int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := io.CopyN(w, zeros{}, size)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestBodyOfTheUnknownIsNotRead: who is refused is refused before their message is taken in.
func TestBodyOfTheUnknownIsNotRead(t *testing.T) {
	b := apitest.Start(t)
	body := &counted{}
	req, err := http.NewRequestWithContext(b.T.Context(), http.MethodPost, b.URL+"/chimera.platform.v1.AgentService/CreateAgent", body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Less(t, body.n, 8<<20, "an endless body was cut off")
}

type counted struct{ n int }

func (c *counted) Read(p []byte) (int, error) { clear(p); c.n += len(p); return len(p), nil }

// TestInternalsStayInside: errors and panics of the parts behind the API reach the log with the request id, and
// the caller not at all.
func TestInternalsStayInside(t *testing.T) {
	boom := func(context.Context) []api.PartHealth { panic(canary) }
	b := apitest.Start(t, func(d *api.Deps) { d.Health = boom })
	tenant := b.Seed("tenant-a")
	a := b.Call(b.Member(tenant, "viewer"), method(t, "SystemService.GetSystemStatus"), &pb.GetSystemStatusRequest{}, "panics-1")
	require.Equal(t, "internal", a.Code)
	require.Equal(t, typev1.Reason_REASON_INTERNAL, a.Info.GetReason())
	require.NotContains(t, string(a.Body), "canary-7f3a")
	line := logLine(t, b, "panics-1")
	require.Contains(t, line, "canary-7f3a", "the cause is there for us")
	require.Contains(t, line, `"level":"ERROR"`)

	b.Break(errors.New(canary))
	a = b.Call(b.Member(tenant, "operator"), method(t, "DeadLetterService.ReplayDeadLetter"), &pb.ReplayDeadLetterRequest{LetterId: tenant.Letter, StateVersion: 1, Reason: "again"}, "bus-away-1")
	require.Equal(t, "unavailable", a.Code)
	require.NotContains(t, string(a.Body), "canary-7f3a")
	require.Contains(t, logLine(t, b, "bus-away-1"), "canary-7f3a")
}

func logLine(t *testing.T, b *apitest.Bench, request string) string {
	t.Helper()
	for line := range strings.Lines(b.Log.String()) {
		if strings.Contains(line, `"request_id":"`+request+`"`) && strings.Contains(line, `"call refused"`) {
			return line
		}
	}
	t.Fatalf("no line for %s in\n%s", request, b.Log)
	return ""
}

// TestServerSetsADeadline: a call ends although its client would wait for ever.
func TestServerSetsADeadline(t *testing.T) {
	hang := func(ctx context.Context) []api.PartHealth { <-ctx.Done(); return nil }
	b := apitest.Start(t, func(d *api.Deps) { d.Health, d.Deadline = hang, 200*time.Millisecond })
	tenant := b.Seed("tenant-a")
	began := time.Now()
	a := b.Call(b.Member(tenant, "viewer"), method(t, "SystemService.GetSystemStatus"), &pb.GetSystemStatusRequest{}, "")
	require.Equal(t, "deadline_exceeded", a.Code, string(a.Body))
	require.Less(t, time.Since(began), 5*time.Second)
}
