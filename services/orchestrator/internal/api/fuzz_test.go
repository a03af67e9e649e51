package api

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/fuzztest"
	"chimera/services/orchestrator/internal/store"
)

// FuzzPageToken: only tokens that we sealed, for this list, open (R9.4).
func FuzzPageToken(f *testing.F) {
	p := pager{key: bytes.Repeat([]byte{9}, 32)}
	const method, tenant = "/chimera.platform.v1.AgentService/ListAgents", tenancy.ID("0190a1b2-0000-7000-8000-000000000001")
	for _, cursor := range []string{"", "0190a1b2-0000-7000-8000-000000000002", "a\x00b"} {
		sealed, err := p.seal(method, tenant, cursor)
		require.NoError(f, err)
		f.Add(method, sealed)
		f.Add("/other", sealed)
	}
	f.Add(method, "bm8gdG9rZW4gb2Ygb3VycyBhdCBhbGwsIGp1c3QgYnl0ZXM")
	f.Fuzz(func(t *testing.T, method, token string) {
		defer fuzztest.Bound(t)()
		owner, cursor, ok := p.open(method, token)
		if !ok {
			return
		}
		again, err := p.seal(method, owner, cursor)
		require.NoError(t, err)
		require.Equal(t, again, token, "to the letter")
	})
}

// inputs are the request messages of every RPC, by name.
func inputs() []protoreflect.MessageDescriptor {
	var all []protoreflect.MessageDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		for i := range fd.Services().Len() {
			for j := range fd.Services().Get(i).Methods().Len() {
				if fd.Package().Parent().Parent() == "chimera" {
					all = append(all, fd.Services().Get(i).Methods().Get(j).Input())
				}
			}
		}
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.MessageDescriptor) int {
		return bytes.Compare([]byte(a.FullName()), []byte(b.FullName()))
	})
	return all
}

// FuzzRequest decodes any bytes as any RPC's request, both encodings: what is valid names its ids as UUIDs, few
// enough to be looked up.
func FuzzRequest(f *testing.F) {
	all := inputs()
	require.Greater(f, len(all), 50)
	for i := range all {
		f.Add(uint8(i), []byte(`{"agentId":"0190a1b2-0000-7000-8000-000000000001","accountIds":["0190a1b2-0000-7000-8000-000000000002"],"pageSize":3,"persona":{"voice":"v","language":"en"}}`))
	}
	f.Add(uint8(0), []byte("\x0a\x24"+"0190a1b2-0000-7000-8000-000000000001"))
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		defer fuzztest.Bound(t)()
		md := all[int(which)%len(all)]
		kind, err := protoregistry.GlobalTypes.FindMessageByName(md.FullName())
		require.NoError(t, err)
		for _, decode := range []func([]byte, proto.Message) error{protojson.UnmarshalOptions{DiscardUnknown: which > 127}.Unmarshal, proto.Unmarshal} {
			m := kind.New().Interface()
			if decode(raw, m) != nil || protovalidate.Validate(m) != nil {
				continue
			}
			ids := uuidsIn(m, maxIDs)
			require.LessOrEqual(t, len(ids), maxIDs)
			for _, id := range ids {
				_, err := uuid.Parse(id)
				require.NoError(t, err)
			}
		}
	})
}

// FuzzLetter shows dead letters, which are what could not be read: a person gets something, and never an error.
func FuzzLetter(f *testing.F) {
	f.Add("task", []byte("\x0a\x01a"), []byte(`{"Undecodable":false,"Metadata":{"tenant_id":"x","n":1},"Kind":"Invalid"}`))
	f.Add("review", []byte("\xff"), []byte(`{"Metadata":[]}`))
	f.Fuzz(func(t *testing.T, queue string, raw, metadata []byte) {
		defer fuzztest.Bound(t)()
		d := store.DeadLetter{Queue: queue, Raw: raw, Metadata: metadata}
		if out := content(d); out != "" {
			require.True(t, json.Valid([]byte(out)))
		}
		_ = replayable(d)
		if _, err := facts(d); err != nil {
			require.NotPanics(t, func() { _ = err.Error() })
		}
	})
}
