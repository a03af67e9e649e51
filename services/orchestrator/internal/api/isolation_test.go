package api_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/store"
)

// position is a place in a request where an id can stand.
type position struct {
	path []protoreflect.FieldDescriptor
}

func (p position) leaf() protoreflect.FieldDescriptor { return p.path[len(p.path)-1] }

func (p position) String() string {
	var names []string
	for _, fd := range p.path {
		names = append(names, string(fd.Name()))
	}
	return strings.Join(names, ".")
}

// notIDs are the fields that look like ids and name no object of a tenant: filters over text.
var notIDs = map[protoreflect.FullName]bool{
	"chimera.platform.v1.ListAuditEntriesRequest.object_id":  true,
	"chimera.platform.v1.ListAuditEntriesRequest.request_id": true,
	"chimera.platform.v1.ExportAuditRequest.object_id":       true,
	"chimera.platform.v1.ExportAuditRequest.request_id":      true,
}

// positions goes by names, not by rules: an id field whose uuid rule was forgotten is found here and fails below.
func positions(md protoreflect.MessageDescriptor, path []protoreflect.FieldDescriptor, depth int) []position {
	var found []position
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		here := append(append([]protoreflect.FieldDescriptor{}, path...), fd)
		name := string(fd.Name())
		switch {
		case fd.Kind() == protoreflect.StringKind && (strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_ids") || name == "id") && !notIDs[fd.FullName()]:
			found = append(found, position{path: here})
		case fd.Message() != nil && depth < 4:
			found = append(found, positions(fd.Message(), here, depth+1)...)
		}
	}
	return found
}

// put writes id at the position of a clone of msg.
func (p position) put(msg proto.Message, id string) proto.Message {
	out := proto.Clone(msg)
	m := out.ProtoReflect()
	for _, fd := range p.path[:len(p.path)-1] {
		if fd.IsList() {
			m = m.Mutable(fd).List().AppendMutable().Message()
			continue
		}
		m = m.Mutable(fd).Message()
	}
	if p.leaf().IsList() {
		m.Mutable(p.leaf()).List().Append(protoreflect.ValueOfString(id))
		return out
	}
	m.Set(p.leaf(), protoreflect.ValueOfString(id))
	return out
}

// idFor is the tenant's object that a field of this name means.
func idFor(t *testing.T, tenant apitest.Tenant, fd protoreflect.FieldDescriptor) string {
	t.Helper()
	ids := map[protoreflect.Name]string{
		"agent_id": tenant.Agent, "account_id": tenant.Account, "account_ids": tenant.Account, "campaign_id": tenant.Campaign,
		"task_id": tenant.Publish, "review_id": tenant.Review, "effect_id": tenant.Effect, "post_id": tenant.Post, "stop_id": tenant.Stop,
		"letter_id": tenant.Letter, "scope_id": tenant.Campaign,
	}
	id, ok := ids[fd.Name()]
	require.True(t, ok, "no seeded object for field %s: seed one", fd.FullName())
	return id
}

const wait, tick = 10 * time.Second, 20 * time.Millisecond

// TestIsolation is generated from the descriptors (R9.4, R9.5; reliability row 51): for every RPC of platform.v1
// and every place where an id, a page token or an idempotency key can stand, another tenant's answers exactly
// like one that nobody has, and leaves a security event. An RPC with such a place and no valid request in
// requests() fails here.
func TestIsolation(t *testing.T) {
	b := apitest.Start(t)
	a, other := b.Seed("tenant-a"), b.Seed("tenant-b")
	admin := b.Member(a, "admin")
	before := head(t, b, other)
	expected, n, cells := map[string]string{}, 0, matrix{}
	for _, m := range methodsOf(platformPackage) {
		for _, p := range positions(m.Input(), nil, 0) {
			n++
			cells.add(m, p.place())
			t.Run(fmt.Sprintf("%s.%s/%s", m.Parent().Name(), m.Name(), p), func(t *testing.T) {
				base := request(t, m, a)
				foreignID, randomID := fmt.Sprintf("foreign-id-%04d", n), fmt.Sprintf("random-id-%05d", n)
				foreign := b.Call(admin, m, p.put(base, idFor(t, other, p.leaf())), foreignID)
				random := b.Call(admin, m, p.put(base, apitest.NewID()), randomID)
				require.Equal(t, "not_found", foreign.Code, string(foreign.Body))
				requireSame(t, random, foreign)
				expected[foreignID] = "cross_tenant_id"
			})
		}
		if m.Input().Fields().ByName("page_token") != nil {
			n++
			cells.add(m, "page token")
			t.Run(fmt.Sprintf("%s.%s/page_token", m.Parent().Name(), m.Name()), func(t *testing.T) {
				foreignID := fmt.Sprintf("foreign-token-%04d", n)
				checkPageToken(t, b, m, a, other, foreignID)
				expected[foreignID] = "cross_tenant_page_token"
			})
		}
		if m.Input().Fields().ByName("idempotency_key") != nil {
			cells.add(m, "idempotency key")
			t.Run(fmt.Sprintf("%s.%s/idempotency_key", m.Parent().Name(), m.Name()), func(t *testing.T) { checkIdempotencyKey(t, b, m, a, other) })
		}
	}
	require.Greater(t, n, 40, "the generator lost its positions")
	cells.settle(t, methodsOf(platformPackage))
	require.Eventually(t, func() bool { return len(events(t, b, a)) >= len(expected) }, wait, tick)
	require.Equal(t, expected, events(t, b, a), "exactly the foreign ones leave an event, in the caller's tenant")
	require.Empty(t, events(t, b, other))
	// The idempotency keys were used by the other tenant's own admin: nothing else changed there.
	require.Equal(t, before, head(t, b, other)-ownEntries(t, b, other), "nobody wrote into the other tenant")
}

func requireSame(t *testing.T, want, have apitest.Answer) {
	t.Helper()
	require.Equal(t, want.Status, have.Status)
	require.Equal(t, want.Code, have.Code)
	require.Equal(t, want.Message, have.Message)
	require.True(t, proto.Equal(withoutID(t, want), withoutID(t, have)), "%v\n%v", want.Info, have.Info)
}

func withoutID(t *testing.T, a apitest.Answer) *typev1.ErrorInfo {
	t.Helper()
	require.NotNil(t, a.Info)
	require.Equal(t, a.Header.Get(api.RequestIDHeader), a.Info.GetRequestId())
	info, _ := proto.Clone(a.Info).(*typev1.ErrorInfo)
	info.RequestId = ""
	return info
}

func checkPageToken(t *testing.T, b *apitest.Bench, m protoreflect.MethodDescriptor, a, other apitest.Tenant, id string) {
	t.Helper()
	key := bytes.Repeat([]byte{9}, 32)
	token := func(method string, tenant tenancy.ID) string {
		s, err := api.SealPageToken(key, method, tenant, "")
		require.NoError(t, err)
		return s
	}
	with := func(token, id string) apitest.Answer {
		req := request(t, m, a)
		req.ProtoReflect().Set(m.Input().Fields().ByName("page_token"), protoreflect.ValueOfString(token))
		return b.Call(b.Member(a, "admin"), m, req, id)
	}
	require.Equal(t, 200, with(token(apitest.Procedure(m), a.ID), "").Status, "the caller's own token is good")
	garbage := with("bm8gdG9rZW4gb2Ygb3VycyBhdCBhbGwsIGp1c3QgYnl0ZXM", "")
	require.Equal(t, "invalid_argument", garbage.Code)
	requireSame(t, garbage, with(token(apitest.Procedure(m), other.ID), id))
	requireSame(t, garbage, with(token("/chimera.platform.v1.Other/List", a.ID), ""))
	forged, err := api.SealPageToken([]byte("a key that is not the server's...."), apitest.Procedure(m), a.ID, "")
	require.NoError(t, err)
	requireSame(t, garbage, with(forged, ""))
}

// checkIdempotencyKey: a key that another tenant used is as unused as any.
func checkIdempotencyKey(t *testing.T, b *apitest.Bench, m protoreflect.MethodDescriptor, a, other apitest.Tenant) {
	t.Helper()
	keyed := func(tenant apitest.Tenant, key string) apitest.Answer {
		req := request(t, m, tenant)
		req.ProtoReflect().Set(m.Input().Fields().ByName("idempotency_key"), protoreflect.ValueOfString(key))
		return b.Call(b.Member(tenant, "admin"), m, req, "own-"+tenant.Slug)
	}
	theirs := keyed(other, "shared-key")
	mine, fresh := keyed(a, "shared-key"), keyed(a, "fresh-key")
	require.Equal(t, fresh.Code, mine.Code)
	require.Equal(t, fresh.Info.GetReason(), mine.Info.GetReason())
	if theirs.Code == "" {
		require.NotContains(t, string(mine.Body), string(bytes.TrimSpace(theirs.Body)))
		require.NotEqual(t, string(theirs.Body), string(mine.Body))
	}
}

// events are the tenant's security events: request id → kind.
func events(t *testing.T, b *apitest.Bench, tenant apitest.Tenant) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, b.Store.Read(t.Context(), tenant.Scope(), func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.SecurityEventList(ctx, "", 1000)
		for _, e := range list {
			found[e.RequestID] = e.Kind
			require.Equal(t, apitest.Subject("admin", tenant.Slug), e.Actor)
		}
		return err
	}))
	return found
}

func head(t *testing.T, b *apitest.Bench, tenant apitest.Tenant) int64 {
	t.Helper()
	var seq int64
	require.NoError(t, b.Store.Read(t.Context(), tenant.Scope(), func(ctx context.Context, tx *store.Tx) (err error) {
		seq, _, err = tx.AuditHead(ctx)
		return err
	}))
	return seq
}

// ownEntries counts what the tenant's own admin wrote through the API.
func ownEntries(t *testing.T, b *apitest.Bench, tenant apitest.Tenant) int64 {
	t.Helper()
	var n int64
	require.NoError(t, b.Store.Read(t.Context(), tenant.Scope(), func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.AuditList(ctx, store.AuditFilter{RequestID: "own-" + tenant.Slug}, 0, 1000)
		n = int64(len(list))
		return err
	}))
	return n
}
