package apitest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/orchestrator/internal/api"
)

// Answer is what came back over the wire. Code is "" for success.
type Answer struct {
	Status  int
	Header  http.Header
	Body    []byte
	Code    string
	Message string
	Info    *typev1.ErrorInfo
	// Messages are a stream's.
	Messages [][]byte
}

// Request is one Connect call as JSON; ID is sent as the request id when set.
type Request struct {
	Procedure string
	Body      []byte
	ID        string
	Header    http.Header
}

// Do sends a request as it is; a stream is read to its end.
func (b *Bench) Do(client *http.Client, r Request) Answer {
	b.T.Helper()
	body, content, streaming := r.Body, "application/json", streams(r.Procedure)
	if streaming {
		body, content = envelope(0, r.Body), "application/connect+json"
	}
	req, err := http.NewRequestWithContext(b.T.Context(), http.MethodPost, b.URL+r.Procedure, bytes.NewReader(body))
	require.NoError(b.T, err)
	req.Header.Set("Content-Type", content)
	if r.ID != "" {
		req.Header.Set(api.RequestIDHeader, r.ID)
	}
	maps.Copy(req.Header, r.Header)
	resp, err := client.Do(req)
	require.NoError(b.T, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	require.NoError(b.T, err)
	a := Answer{Status: resp.StatusCode, Header: resp.Header, Body: got}
	switch {
	case resp.StatusCode != http.StatusOK:
		a.parse()
	case streaming:
		a.unwrap()
	}
	return a
}

func (a *Answer) parse() {
	var wire struct {
		Code, Message string
		Details       []struct{ Type, Value string }
	}
	if json.Unmarshal(a.Body, &wire) != nil {
		return
	}
	a.Code, a.Message = wire.Code, wire.Message
	for _, d := range wire.Details {
		raw, err := base64.RawStdEncoding.DecodeString(d.Value)
		info := &typev1.ErrorInfo{}
		if err == nil && d.Type == "chimera.type.v1.ErrorInfo" && proto.Unmarshal(raw, info) == nil {
			a.Info = info
		}
	}
}

// Call sends msg to the method.
func (b *Bench) Call(client *http.Client, method protoreflect.MethodDescriptor, msg proto.Message, id string) Answer {
	b.T.Helper()
	raw, err := protojson.Marshal(msg)
	require.NoError(b.T, err)
	return b.Do(client, Request{Procedure: Procedure(method), Body: raw, ID: id})
}

// Procedure is the method's path.
func Procedure(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}
