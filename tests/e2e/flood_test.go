package e2e_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// listener is one of an orchestrator's own ports, with who may call it and what an honest call is.
type listener struct {
	name, address, token, procedure, honest string
}

func listeners(w *world.World) []listener {
	return []listener{
		{"public", w.Listener(world.OrchestratorA), w.Token("olga"), "/chimera.platform.v1.PostService/ListPosts", `{"pageSize":1}`},
		{"internal", w.Listener(world.OrchestratorA + "-internal"), w.Token("chimera-worker"), "/chimera.internal.v1.WorkerService/Heartbeat", `{"workerId":"w","items":[{"tenantId":"` + w.Tenants["aurora"] + `","taskId":"` + w.Tenants["aurora"] + `","epoch":"1"}]}`},
	}
}

// What the floods may cost the orchestrator, in bytes of resident memory: at most, and by how much more after the heap
// has found its size. Go gives freed memory back within minutes, so what is left just after tells nothing.
const (
	floodPeak   = 320 << 20
	floodGrowth = 32 << 20
)

// floods: bombs, endless and broken bodies, and clients that never finish, at both ports of a real orchestrator (R12.2;
// reliability rows 59 and 60): none is accepted, each is told why in the API's own form, honest calls go on beside
// them, and memory stays bounded.
func floods(t *testing.T, w *world.World) {
	before := w.Resident(t, world.OrchestratorA)
	peak := w.Peak(t, world.OrchestratorA)
	stopSlow := make([]func() slowReport, 0, 2)
	for _, l := range listeners(w) {
		require.Equal(t, http.StatusOK, l.send(t, hostile{body: []byte(l.honest)}).status, "an honest call in the same way is taken")
		stopSlow = append(stopSlow, slowClients(t, l))
	}
	refuseAll(t, w)
	for i, l := range listeners(w) {
		r := stopSlow[i]()
		t.Logf("%s port: %d slow clients, %d cut off, %d answered as honest; %d honest calls beside them, the slowest %s", l.name, r.clients, r.cut, r.accepted, r.honest, r.slowest.Round(time.Millisecond))
		require.Equal(t, r.clients, r.cut, "%s: slow clients that hold on", l.name)
		require.Zero(t, r.accepted)
		require.Greater(t, r.honest, 20)
		require.Less(t, r.slowest, 5*time.Second)
	}
	rounds := []int64{peak()}
	for range 4 {
		peak = w.Peak(t, world.OrchestratorA)
		refuseAll(t, w)
		rounds = append(rounds, peak())
	}
	t.Logf("orchestrator: %d MiB before; at most, round by round in MiB: %d", before>>20, mebibytes(rounds))
	require.Less(t, slices.Max(rounds)-before, int64(floodPeak))
	require.Less(t, rounds[4]-rounds[2], int64(floodGrowth), "each round leaves something behind")
}

func mebibytes(bytes []int64) []int64 {
	out := make([]int64, len(bytes))
	for i, n := range bytes {
		out[i] = n >> 20
	}
	return out
}

// refuseAll sends every hostile body to both ports.
func refuseAll(t *testing.T, w *world.World) {
	t.Helper()
	for _, l := range listeners(w) {
		table, found := hostileBodies(t), []string{}
		require.GreaterOrEqual(t, len(table), 20)
		for name, h := range table {
			if problem := l.tolerates(t, h); problem != "" {
				found = append(found, name+" "+problem)
			}
		}
		t.Logf("%s port: %d hostile requests, %d not refused as they must be", l.name, len(table), len(found))
		require.Empty(t, found, l.name)
	}
}

// tolerates answers what is wrong with how a hostile request was met; empty is nothing.
func (l listener) tolerates(t *testing.T, h hostile) string {
	t.Helper()
	began := time.Now()
	got := l.send(t, h)
	var answer struct{ Code string }
	switch {
	case time.Since(began) > 10*time.Second:
		return "took " + time.Since(began).String()
	case got.status == http.StatusOK:
		return fmt.Sprintf("was accepted: %.200s", got.body)
	case got.sent > 24<<20:
		return fmt.Sprintf("was read on and on: %d bytes", got.sent)
	case len(got.body) > len(h.body)+64<<10: // a parser's complaint may quote what it was sent, once
		return fmt.Sprintf("was answered with %d bytes", len(got.body))
	case got.status == 0 && h.endless == 0 && len(h.body) < 64<<10: // a longer one may be cut off before its end
		return "was not answered"
	case !h.untyped && got.status != 0 && (json.Unmarshal(got.body, &answer) != nil || answer.Code == ""):
		return fmt.Sprintf("got no typed error: %d %.200s", got.status, got.body)
	}
	return ""
}

// hostile is one request that must not be taken.
type hostile struct {
	body            []byte
	endless         int64 // bytes of white space instead of body
	chunked         bool
	content, coding string
	header          http.Header
	untyped         bool // refused before it is known to be a call
}

func hostileBodies(t *testing.T) map[string]hostile {
	t.Helper()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 128 {
		_, err := z.Write(make([]byte, 1<<20))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	const grpc, frame = "application/grpc", "\x00\xff\xff\xff\xff"
	text := func(s string) hostile { return hostile{body: []byte(s)} }
	return map[string]hostile{
		"100 MB":                     {endless: 100_000_000},
		"100 MB in chunks":           {endless: 100_000_000, chunked: true},
		"5 MB of text":               text(`{"name":"` + strings.Repeat("a", 5<<20) + `"}`),
		"a gzip bomb":                {body: bomb.Bytes(), coding: "gzip"},
		"a gzip bomb, unmarked":      {body: bomb.Bytes()},
		"a gzip bomb in a gRPC call": {body: append([]byte("\x01\x00\x02\x00\x00"), bomb.Bytes()...), content: grpc, header: http.Header{"Grpc-Encoding": {"gzip"}}, untyped: true},
		"deflate":                    {body: []byte("x"), coding: "deflate"},
		"zstd":                       {body: []byte("x"), coding: "zstd"},
		"br":                         {body: []byte("x"), coding: "br"},
		"deep objects":               text(strings.Repeat(`{"persona":`, 200_000) + strings.Repeat("}", 200_000)),
		"deep lists":                 text(`{"items":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + "}"),
		"deep lists that never end":  text(`{"accountIds":` + strings.Repeat("[", 3_000_000)),
		"deep unknown groups":        {body: bytes.Repeat([]byte{0x0b}, 3_000_000), content: "application/proto"},
		"a million broken items":     text(`{"pageSize":"x","items":[` + strings.Repeat("{},", 1_000_000) + `{}]}`),
		"a field of any size":        {body: []byte("\x0a\xff\xff\xff\xff\x07x"), content: "application/proto"},
		"varints that never end":     {body: bytes.Repeat([]byte{0xff}, 1_000_000), content: "application/proto"},
		"a frame of 4 GB":            {body: []byte(frame + "x"), content: grpc, untyped: true},
		"a stream's frame of 4 GB":   {body: []byte(frame + "x"), content: "application/connect+json", untyped: true},
		"a number of any length":     text(`{"pageSize":1` + strings.Repeat("0", 1_000_000) + `}`),
		"an exponent":                text(`{"pageSize":1e999999999}`),
		"two of one name":            text(`{"pageSize":1,"pageSize":2}`),
		"not UTF-8":                  text("{\"pageToken\":\"\xff\xfe\"}"),
		"not JSON":                   text(`{"pageSize":`),
		"a form":                     {body: []byte("pageSize=1"), content: "application/x-www-form-urlencoded", untyped: true},
		"XML with entities":          {body: []byte(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`), content: "application/xml", untyped: true},
		"64 KiB of headers":          {body: []byte(`{}`), header: http.Header{"X-Padding": {strings.Repeat("p", 64<<10)}}, untyped: true},
		"a deadline of any length":   {body: []byte(`{}`), header: http.Header{"Connect-Timeout-Ms": {strings.Repeat("9", 40)}}},
	}
}

type reply struct {
	status int
	body   []byte
	sent   int64
}

// spaces is white space without end, counted as it is taken.
type spaces struct{ left, sent int64 }

func (s *spaces) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), s.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	s.left -= n
	s.sent += n
	return int(n), nil
}

// send answers status 0 where the server cut the connection instead of answering.
func (l listener) send(t *testing.T, h hostile) reply {
	t.Helper()
	flow := &spaces{left: h.endless}
	body := io.Reader(bytes.NewReader(h.body))
	if h.endless > 0 {
		body = flow
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.address+l.procedure, body)
	require.NoError(t, err)
	if h.endless > 0 && !h.chunked {
		req.ContentLength = h.endless
	}
	maps.Copy(req.Header, h.header)
	req.Header.Set("Authorization", "Bearer "+l.token)
	req.Header.Set("Content-Type", "application/json")
	if h.content != "" {
		req.Header.Set("Content-Type", h.content)
	}
	if h.coding != "" {
		req.Header.Set("Content-Encoding", h.coding)
	}
	req.Close = true
	res, err := (&http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return reply{sent: flow.sent}
	}
	defer func() { _ = res.Body.Close() }()
	raw, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if status := res.Trailer.Get("Grpc-Status") + res.Header.Get("Grpc-Status"); res.StatusCode == http.StatusOK && status != "" && status != "0" {
		return reply{http.StatusBadRequest, raw, flow.sent} // gRPC tells its failures behind a 200
	}
	if res.StatusCode == http.StatusOK && strings.Contains(string(raw), fmt.Sprintf("%q:", "error")) && strings.HasPrefix(h.content, "application/connect") {
		return reply{http.StatusBadRequest, raw, flow.sent} // so does a Connect stream, in its last message
	}
	return reply{res.StatusCode, raw, flow.sent}
}
