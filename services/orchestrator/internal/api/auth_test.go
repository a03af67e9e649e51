package api_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	pb "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/store"
)

// least is the lowest role that a permission asks for; the matrix below is worked out from it.
var least = map[typev1.Permission]string{
	typev1.Permission_PERMISSION_SELF: "viewer", typev1.Permission_PERMISSION_VIEW: "viewer",
	typev1.Permission_PERMISSION_OPERATE: "operator", typev1.Permission_PERMISSION_REVIEW: "reviewer", typev1.Permission_PERMISSION_ADMIN: "admin",
}

// TestRolesMatrix calls every RPC as everybody (R13.3). The body is no message at all: who is admitted learns
// that, who is not learns nothing, and nothing can happen.
func TestRolesMatrix(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	callers := map[string]*http.Client{
		"anonymous": b.As("", ""), "stranger": b.As(b.Issuer.Token(b.Issuer.Claims("stranger")), ""),
		"worker": b.Service("chimera-worker"), "skill": b.Service("chimera-skill"),
	}
	for _, role := range apitest.Roles {
		callers[role] = b.Member(tenant, role)
	}
	want := func(who string, p typev1.Permission) string {
		rank := slices.Index(apitest.Roles, who)
		switch {
		case who == "anonymous":
			return "unauthenticated"
		case who == "worker" && p == typev1.Permission_PERMISSION_WORKER, who == "skill" && p == typev1.Permission_PERMISSION_SKILL,
			who == "stranger" && p == typev1.Permission_PERMISSION_SELF, rank >= 0 && least[p] != "" && rank >= slices.Index(apitest.Roles, least[p]):
			return "invalid_argument"
		}
		return "permission_denied"
	}
	methods := append(methodsOf(platformPackage), methodsOf(internalPackage)...)
	require.Greater(t, len(methods), 50)
	for _, m := range methods {
		for who, client := range callers {
			a := b.Do(client, apitest.Request{Procedure: apitest.Procedure(m), Body: []byte("no message")})
			require.Equal(t, want(who, permission(m)), a.Code, "%s as %s: %s", m.FullName(), who, a.Body)
		}
	}
}

func TestTenantChoice(t *testing.T) {
	b := apitest.Start(t)
	one, two, foreign := b.Seed("one"), b.Seed("two"), b.Seed("foreign")
	ctx := t.Context()
	for _, tenant := range []apitest.Tenant{one, two} {
		_, err := b.Commit.SetMember(ctx, tenant.Scope(), store.Member{Subject: "both", Role: "viewer"})
		require.NoError(t, err)
	}
	get := method(t, "PolicyService.GetPolicy")
	as := func(subject, tenant string) *http.Client {
		return b.As(b.Issuer.Token(b.Issuer.Claims(subject)), tenant)
	}
	session := func(c *http.Client) *pb.GetSessionResponse {
		a := b.Call(c, method(t, "SessionService.GetSession"), &pb.GetSessionRequest{}, "")
		require.Equal(t, "", a.Code, string(a.Body))
		out := &pb.GetSessionResponse{}
		require.NoError(t, protojson.Unmarshal(a.Body, out))
		return out
	}

	require.Equal(t, string(one.ID), session(as(apitest.Subject("viewer", "one"), "")).GetTenantId(), "the only membership needs no choice")
	s := session(as("both", ""))
	require.Len(t, s.GetMemberships(), 2)
	require.Empty(t, s.GetTenantId())
	require.Equal(t, string(two.ID), session(as("both", "two")).GetTenantId(), "by slug")
	require.Equal(t, string(two.ID), session(as("both", string(two.ID))).GetTenantId(), "by id")
	require.Equal(t, pb.Role_ROLE_VIEWER, session(as("both", "two")).GetRole())

	a := b.Call(as("both", ""), get, &pb.GetPolicyRequest{}, "")
	require.Equal(t, "permission_denied", a.Code)
	require.Equal(t, typev1.Reason_REASON_TENANT_REQUIRED, a.Info.GetReason())

	none := b.Call(as("both", apitest.NewID()), get, &pb.GetPolicyRequest{}, "nobodys-tenant")
	require.Equal(t, "permission_denied", none.Code)
	requireSame(t, none, b.Call(as("both", string(foreign.ID)), get, &pb.GetPolicyRequest{}, "foreign-by-id"))
	requireSame(t, none, b.Call(as("both", "foreign"), get, &pb.GetPolicyRequest{}, "foreign-by-slug"))
	requireSame(t, none, b.Call(as("both", "no-such-slug"), get, &pb.GetPolicyRequest{}, "nobodys-slug"))
	for _, own := range []apitest.Tenant{one, two} {
		require.Eventually(t, func() bool { return len(choices(t, b, own)) == 2 }, wait, tick)
		require.ElementsMatch(t, []string{"foreign-by-id", "foreign-by-slug"}, choices(t, b, own))
	}
	require.Empty(t, choices(t, b, foreign))

	twice := http.Header{http.CanonicalHeaderKey(api.TenantHeader): {"one", "two"}}
	require.Equal(t, "invalid_argument", b.Do(as("both", ""), apitest.Request{Procedure: apitest.Procedure(get), Body: []byte("{}"), Header: twice}).Code)
}

func choices(t *testing.T, b *apitest.Bench, tenant apitest.Tenant) []string {
	t.Helper()
	var ids []string
	require.NoError(t, b.Store.Read(t.Context(), tenant.Scope(), func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.SecurityEventList(ctx, "", 100)
		for _, e := range list {
			require.Equal(t, "cross_tenant_choice", e.Kind)
			ids = append(ids, e.RequestID)
		}
		return err
	}))
	return ids
}

// TestRevocation: R13.2: at once where it was done, elsewhere within the cache's time.
func TestRevocation(t *testing.T) {
	b := apitest.Start(t, func(d *api.Deps) { d.MembershipTTL = 300 * time.Millisecond })
	tenant := b.Seed("tenant-a")
	get, remove := method(t, "PolicyService.GetPolicy"), method(t, "MemberService.RemoveMember")
	call := func(role string) string { return b.Call(b.Member(tenant, role), get, &pb.GetPolicyRequest{}, "").Code }

	require.Equal(t, "", call("viewer"))
	require.Equal(t, "", b.Call(b.Member(tenant, "admin"), remove, &pb.RemoveMemberRequest{Subject: apitest.Subject("viewer", "tenant-a")}, "").Code)
	require.Equal(t, "permission_denied", call("viewer"), "with the next request")

	require.Equal(t, "", call("operator"))
	require.NoError(t, b.Commit.RemoveMember(t.Context(), tenant.Scope(), apitest.Subject("operator", "tenant-a")), "as another replica would")
	require.Eventually(t, func() bool { return call("operator") == "permission_denied" }, 5*time.Second, tick)
}

func TestRevocationBoundIsKept(t *testing.T) {
	_, err := api.Handler(api.Deps{MembershipTTL: 2 * time.Minute})
	require.ErrorContains(t, err, "60 s")
}

// TestServicesNameTheirTenant: a service's scope is the tenant of its message, and tasks fence what it may do.
func TestServicesNameTheirTenant(t *testing.T) {
	b := apitest.Start(t)
	tenant, other := b.Seed("tenant-a"), b.Seed("tenant-b")
	report := method(t, "SkillService.ReportViolation")
	body := func(tenant tenancy.ID, task string) []byte {
		return []byte(`{"tenantId":"` + string(tenant) + `","taskId":"` + task + `","tool":"publisher.publish","detail":"no grant"}`)
	}
	do := func(body []byte) apitest.Answer {
		return b.Do(b.Service("chimera-skill"), apitest.Request{Procedure: apitest.Procedure(report), Body: body, ID: "violation-1"})
	}
	require.Equal(t, "", do(body(tenant.ID, tenant.Publish)).Code)
	require.Equal(t, "not_found", do(body(tenant.ID, other.Publish)).Code)
	require.NoError(t, b.Store.Read(t.Context(), tenant.Scope(), func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.SecurityEventList(ctx, "", 100)
		require.Len(t, list, 1)
		require.Equal(t, "service:skill:chimera-skill", list[0].Actor)
		require.Equal(t, "tool_refused", list[0].Kind)
		return err
	}))
}
