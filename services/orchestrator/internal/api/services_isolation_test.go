package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/store"
)

// ofServices holds one valid request per inner RPC over the tenant's own objects; a new one needs its line here.
func ofServices(t *testing.T, tenant apitest.Tenant) map[string]proto.Message {
	t.Helper()
	sum, id := strings.Repeat("ab", 32), string(tenant.ID)
	// A genuine grant, so that what is refused is refused for the ids.
	signer, err := grant.NewSigner(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	signed, err := signer.Sign(&busv1.Grant{
		Id: tenant.Grant, TenantId: id, TaskId: tenant.Publish, EffectId: tenant.Effect, AccountId: tenant.Account, Tool: "publisher.publish", ToolDigest: sum, PayloadSha256: sum,
		PlatformKey: "3lsamekey2222", NotBefore: timestamppb.New(time.Now().Add(-time.Minute)), NotAfter: timestamppb.New(time.Now().Add(time.Minute)), PolicyVersion: 1, Approver: "reviewer",
	})
	require.NoError(t, err)
	return map[string]proto.Message{
		"WorkerService.ClaimTasks":     &internalv1.ClaimTasksRequest{WorkerId: "worker-1", Items: []*internalv1.ClaimItem{{TenantId: id, TaskId: tenant.Publish, Epoch: 1, SpecDigest: sum}}},
		"WorkerService.Heartbeat":      &internalv1.HeartbeatRequest{WorkerId: "worker-1", Items: []*internalv1.HeartbeatItem{{TenantId: id, TaskId: tenant.Publish, Epoch: 1}}},
		"WorkerService.RegisterTools":  &internalv1.RegisterToolsRequest{WorkerId: "worker-1", Tools: []*internalv1.ToolDescriptor{{Tool: "x.y", Digest: sum, DescriptorJson: []byte("{}")}}},
		"WorkerService.Recall":         &internalv1.RecallRequest{TenantId: id, TaskId: tenant.Publish, Epoch: 1, Query: "coffee", Limit: 5},
		"SkillService.RedeemGrant":     &internalv1.RedeemGrantRequest{TenantId: id, TaskId: tenant.Publish, Epoch: 1, Grant: signed, PayloadSha256: sum, ToolDigest: sum},
		"SkillService.GetCredential":   &internalv1.GetCredentialRequest{TenantId: id, TaskId: tenant.Publish, Epoch: 1, AccountId: tenant.Account},
		"SkillService.ReportViolation": &internalv1.ReportViolationRequest{TenantId: id, TaskId: tenant.Publish, Tool: "x.y", Detail: "d"},
	}
}

// noObject are fields of the inner API that look like ids and name a process or a key.
var noObject = map[protoreflect.Name]bool{"worker_id": true, "key_id": true}

// TestServicesStayInTheirTenant is the inner API's half of the matrix (R9.4). A service names the tenant it acts for,
// so each id is tried as another tenant's beside the right rest: the answer is that to an id nobody has, and
// nothing of the other tenant moves.
func TestServicesStayInTheirTenant(t *testing.T) {
	b := apitest.Start(t)
	a, other := b.Seed("tenant-a"), b.Seed("tenant-b")
	clients := map[typev1.Permission]*http.Client{typev1.Permission_PERMISSION_WORKER: b.Service("chimera-worker"), typev1.Permission_PERMISSION_SKILL: b.Service("chimera-skill")}
	before, cells := standing(t, b, other), matrix{}
	for _, m := range methodsOf(internalPackage) {
		name := string(m.Parent().Name()) + "." + string(m.Name())
		base, ok := ofServices(t, a)[name]
		require.True(t, ok, "%s has no request in ofServices(): its isolation is not tested", name)
		client := clients[permission(m)]
		require.NotNil(t, client, "%s is no service's", name)
		for _, p := range positions(m.Input(), nil, 0) {
			if noObject[p.leaf().Name()] {
				continue
			}
			cells.add(m, p.place())
			t.Run(fmt.Sprintf("%s/%s", name, p), func(t *testing.T) {
				own := b.Call(client, m, base, "")
				foreignID, randomID := theirs(t, other, p.leaf()), apitest.NewID()
				foreign, random := b.Call(client, m, p.swap(base, foreignID), ""), b.Call(client, m, p.swap(base, randomID), "")
				require.Equal(t, plainly(random, randomID), plainly(foreign, foreignID))
				require.NotEqual(t, plainly(own, ""), plainly(foreign, foreignID), "the own id makes no difference: this case shows nothing")
				require.NotContains(t, string(foreign.Body), "secret-of-"+other.Slug)
			})
		}
	}
	cells.settle(t, methodsOf(internalPackage))
	require.Equal(t, before, standing(t, b, other), "nothing of the other tenant moved")
}

// swap is put over what stands there already: the first element of a list, as a request has it.
func (p position) swap(msg proto.Message, id string) proto.Message {
	out := proto.Clone(msg)
	m := out.ProtoReflect()
	for _, fd := range p.path[:len(p.path)-1] {
		if fd.IsList() {
			m = m.Mutable(fd).List().Get(0).Message()
			continue
		}
		m = m.Mutable(fd).Message()
	}
	m.Set(p.leaf(), protoreflect.ValueOfString(id))
	return out
}

func theirs(t *testing.T, other apitest.Tenant, fd protoreflect.FieldDescriptor) string {
	t.Helper()
	if fd.Name() == "tenant_id" {
		return string(other.ID)
	}
	return idFor(t, other, fd)
}

// plainly is an answer without what differs in any two: the id asked for and the request's own.
func plainly(a apitest.Answer, id string) string {
	body := string(a.Body)
	if a.Code != "" {
		body = a.Message + " " + a.Info.GetReason().String()
	}
	if id != "" {
		body = strings.ReplaceAll(body, id, "ID")
	}
	return fmt.Sprintf("%d %s %s", a.Status, a.Code, body)
}

// standing is what a service could move of a tenant. A claim in its name for a task that is not its own is told to it,
// in its chain too: that is left out here.
func standing(t *testing.T, b *apitest.Bench, tenant apitest.Tenant) string {
	t.Helper()
	var said string
	require.NoError(t, b.Store.Read(t.Context(), tenant.Scope(), func(ctx context.Context, tx *store.Tx) error {
		task, err := tx.TaskGet(ctx, tenant.Publish)
		if err != nil {
			return err
		}
		effect, err := tx.EffectGet(ctx, tenant.Effect)
		if err != nil {
			return err
		}
		raw, err := json.Marshal([]any{task, effect})
		said = string(raw)
		return err
	}))
	return said
}
